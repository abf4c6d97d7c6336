//! The repository that a stack lies in.

use super::*;

fn stack(sandbox: &Sandbox) -> (PathBuf, SourceRepository, CommitId) {
    let path = sandbox.init("project", &[]);
    put(&path.join("stacks/home/stack.yaml"), "kind: Stack\n");
    put(&path.join("stacks/home/clusters/a.yaml"), "kind: Cluster\n");
    put(&path.join("stacks/home/README.md"), "read me\n");
    put(&path.join("stacks/homely/stack.yaml"), "another\n");
    git(&path, &["add", "-A"]);
    git(&path, &["commit", "-q", "-m", "stack"]);
    let source = SourceRepository::discover(&path.join("stacks/home"))
        .unwrap()
        .unwrap();
    let head = source.head().unwrap().unwrap();
    (path, source, head)
}

fn is_yaml(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "yaml")
}

fn differences(source: &SourceRepository, head: CommitId, files: &[(&str, &str)]) -> Vec<String> {
    let files = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect();
    source
        .differences(head, &files, is_yaml)
        .unwrap()
        .into_iter()
        .collect()
}

#[test]
fn a_stack_knows_its_place_and_commit() {
    let sandbox = Sandbox::new();
    let (path, source, head) = stack(&sandbox);
    assert_eq!(source.prefix(), "stacks/home");
    assert_eq!(head.to_string(), git(&path, &["rev-parse", "HEAD"]));
    assert!(source.contains(head));
    let root = SourceRepository::discover(&path).unwrap().unwrap();
    assert_eq!(root.prefix(), "");
    assert!(
        root.read(head, is_yaml)
            .unwrap()
            .contains_key("stacks/home/stack.yaml")
    );
}

#[test]
fn a_stack_outside_any_repository_has_none() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("plain")).unwrap();
    assert!(
        SourceRepository::discover(&sandbox.path("plain"))
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_repository_without_a_commit_has_no_head() {
    let sandbox = Sandbox::new();
    let path = sandbox.init("project", &[]);
    assert_eq!(
        SourceRepository::discover(&path)
            .unwrap()
            .unwrap()
            .head()
            .unwrap(),
        None
    );
}

#[test]
fn the_files_of_the_commit_are_clean() {
    let sandbox = Sandbox::new();
    let (_, source, head) = stack(&sandbox);
    let files = [
        ("stack.yaml", "kind: Stack\n"),
        ("clusters/a.yaml", "kind: Cluster\n"),
    ];
    assert!(differences(&source, head, &files).is_empty());
}

#[test]
fn edited_added_and_removed_files_differ() {
    let sandbox = Sandbox::new();
    let (_, source, head) = stack(&sandbox);
    let files = [("stack.yaml", "edited\n"), ("apps/new.yaml", "kind: App\n")];
    let expected = ["apps/new.yaml", "clusters/a.yaml", "stack.yaml"];
    assert_eq!(differences(&source, head, &files), expected);
}

#[test]
fn the_files_of_an_old_commit_can_be_read() {
    let sandbox = Sandbox::new();
    let (path, source, head) = stack(&sandbox);
    put(&path.join("stacks/home/stack.yaml"), "edited\n");
    git(&path, &["commit", "-q", "-am", "edited"]);
    let files = source.read(head, is_yaml).unwrap();
    let names: Vec<&String> = files.keys().collect();
    assert_eq!(names, ["clusters/a.yaml", "stack.yaml"]);
    assert_eq!(files["stack.yaml"], b"kind: Stack\n");
    let now = source.head().unwrap().unwrap();
    assert!(source.is_ancestor(head, now).unwrap() && !source.is_ancestor(now, head).unwrap());
}

#[test]
fn a_commit_that_is_not_here_is_no_ancestor() {
    let sandbox = Sandbox::new();
    let (_, source, head) = stack(&sandbox);
    let unknown = CommitId::parse("0123456789012345678901234567890123456789").unwrap();
    assert!(!source.contains(unknown));
    assert!(!source.is_ancestor(unknown, head).unwrap());
}
