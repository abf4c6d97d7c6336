//! Files of zero length are named.

use super::*;

fn damaged(error: &Error) -> &Path {
    match error {
        Error::Damaged { file } => file,
        error => panic!("{error}"),
    }
}

fn empty(file: &Path) {
    let mut permissions = fs::metadata(file).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o644);
    fs::set_permissions(file, permissions).unwrap();
    fs::write(file, "").unwrap();
}

#[test]
fn an_empty_object_is_named() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let id = git(&path, &["rev-parse", "HEAD:README"]);
    let file = path.join(".git/objects").join(&id[..2]).join(&id[2..]);
    empty(&file);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = repository.tip().unwrap().unwrap();
    let error = repository
        .snapshot(tip)
        .unwrap()
        .read("README")
        .unwrap_err();
    assert_eq!(damaged(&error), file);
}

#[test]
fn an_empty_reference_is_named() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let file = path.join(".git/refs/heads/main");
    empty(&file);
    let error = FleetRepository::open(&path, "main")
        .unwrap()
        .tip()
        .unwrap_err();
    assert_eq!(damaged(&error), file);
}

#[test]
fn an_empty_index_is_named() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    let file = path.join(".git/index");
    empty(&file);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let commit = on(repository.tip().unwrap(), [("rendered/a", write("a"))]);
    let error = repository.commit(&commit).unwrap_err();
    assert_eq!(damaged(&error), file);
    fs::remove_file(&file).unwrap();
    git(&path, &["reset", "--quiet"]);
    committed(repository.commit(&commit).unwrap());
    assert_sound(&path);
}

#[test]
fn an_empty_file_that_somebody_is_writing_is_not_blamed() {
    let sandbox = Sandbox::new();
    let path = sandbox.with_user_commit("fleet");
    put(&path.join(".git/objects/pack/tmp_pack_ztgit_x"), "");
    fs::write(path.join(".git/refs/heads/main"), "nonsense\n").unwrap();
    let repository = FleetRepository::open(&path, "main").unwrap();
    let error = repository.tip().unwrap_err();
    assert!(!matches!(error, Error::Damaged { .. }), "{error}");
}

#[test]
fn an_empty_pack_index_is_named() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("fleet", &["--bare"]);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let tip = commit_all(&repository, [("rendered/a", write("a"))]);
    // libgit2 has the index mapped into memory while the pack is in use.
    drop(repository);
    let file = fs::read_dir(path.join("objects/pack"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|file| file.extension().is_some_and(|extension| extension == "idx"))
        .unwrap();
    empty(&file);
    let repository = FleetRepository::open(&path, "main").unwrap();
    let error = repository.snapshot(tip).err().unwrap();
    assert_eq!(damaged(&error), file);
}
