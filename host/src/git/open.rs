//! A path in, an opened repository out, or a refusal that says why and what to do.
//!
//! Ownership checks stay on: configuration in a stranger's repository is code.

use std::fs::{self, DirEntry, File, TryLockError};
use std::path::{Path, PathBuf};

use git2::{Config, ErrorCode, Repository, RepositoryInitOptions, RepositoryOpenFlags};

use super::branch::BranchName;
use super::durability;
use super::error::{Error, Feature};
use super::lock::{Patience, wait_until};
use super::repository::Opened;

/// Where a repository is prepared; the process's number follows.
const ASIDE: &str = ".ztgit-init-";
/// The git directory of a repository with a work tree.
const GIT: &str = ".git";

/// Opens the repository at `path` itself, a work tree or a git directory.
pub(super) fn at(path: &Path) -> Result<Repository, Error> {
    durability::enable();
    let none: [&Path; 0] = [];
    Repository::open_ext(path, RepositoryOpenFlags::NO_SEARCH, none)
        .map_err(|error| refusal(path, error))
}

/// Opens the repository whose work tree `directory` lies in, if there is one.
pub(super) fn around(directory: &Path) -> Result<Option<Repository>, Error> {
    durability::enable();
    let none: [&Path; 0] = [];
    match Repository::open_ext(directory, RepositoryOpenFlags::empty(), none) {
        Ok(repository) => Ok(Some(repository)),
        Err(error) => match refusal(directory, error) {
            Error::NoRepository { .. } => Ok(None),
            error => Err(error),
        },
    }
}

/// Makes a repository with a work tree at `path`, which may hold files already.
///
/// It is prepared aside and moved into place as a whole, so that a crash leaves
/// either no repository or a complete one. Of several that do so at the same time
/// the first makes it.
pub(super) fn create(path: &Path, branch: &BranchName) -> Result<(Repository, Opened), Error> {
    durability::enable();
    fs::create_dir_all(path).map_err(|source| Error::io("create", path, source))?;
    let place = File::open(path).map_err(|source| Error::io("open", path, source))?;
    // Where the file system has no locks, the rename decides.
    let alone = wait_until(Patience::default().writer, || match place.try_lock() {
        Err(TryLockError::WouldBlock) => None,
        result => Some(result.is_ok()),
    });
    if let Ok(repository) = at(path) {
        return Ok((repository, Opened::Existing));
    }
    if alone == Some(true) {
        remove_left_over(path);
    }
    refuse_enclosed(path)?;
    let aside = aside(path);
    let result = prepare(&aside, branch).and_then(|()| {
        fs::rename(aside.join(GIT), path.join(GIT))
            .map_err(|source| Error::io("create a repository in", path, source))
    });
    // Whatever is left of it is ours; the result is what counts.
    let _ = fs::remove_dir_all(&aside);
    if let Err(error) = result {
        let other = at(path).map_err(|_| error)?;
        return Ok((other, Opened::Existing));
    }
    place
        .sync_all()
        .map_err(|source| Error::io("synchronise", path, source))?;
    Ok((at(path)?, Opened::Created))
}

/// Takes the repository with this git directory away, which nobody else may be writing
/// to. It loses its name first, so that a crash leaves nothing in the way of another.
pub(super) fn remove(git_directory: &Path) -> Result<(), Error> {
    let failed = |source| Error::io("remove", git_directory, source);
    let path = git_directory
        .parent()
        .expect("a git directory lies in something");
    let aside = aside(path);
    fs::rename(git_directory, &aside).map_err(failed)?;
    fs::remove_dir_all(&aside).map_err(failed)?;
    // The directory around it stays where it has files of the user's.
    let _ = fs::remove_dir(path);
    Ok(())
}

/// Where this process has a repository that is not to be found.
fn aside(path: &Path) -> PathBuf {
    path.join(format!("{ASIDE}{}", std::process::id()))
}

/// Removes what others left that were killed while they prepared a repository, or took
/// one away.
fn remove_left_over(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        if is_aside(&entry) {
            // One that stays is in nobody's way.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_aside(entry: &DirEntry) -> bool {
    entry.file_name().to_string_lossy().starts_with(ASIDE)
}

fn prepare(aside: &Path, branch: &BranchName) -> Result<(), Error> {
    let mut options = RepositoryInitOptions::new();
    // No templates: they may bring hooks along.
    options
        .external_template(false)
        .initial_head(branch.full())
        .no_reinit(true);
    Repository::init_opts(aside, &options).map_err(|source| Error::Git {
        operation: "create a repository".to_owned(),
        repository: aside.to_owned(),
        source,
    })?;
    // libgit2 says nothing where it could not remove one of its locks.
    for name in ["HEAD.lock", "config.lock"] {
        let _ = fs::remove_file(aside.join(GIT).join(name));
    }
    Ok(())
}

/// A directory with content inside another repository's work tree was most
/// likely meant as that repository, and a nested one would be a surprise. One that
/// another run is making here, or has just made, is not another.
fn refuse_enclosed(path: &Path) -> Result<(), Error> {
    let mut entries = fs::read_dir(path).into_iter().flatten().flatten();
    if entries.all(|entry| is_aside(&entry)) {
        return Ok(());
    }
    let own = fs::canonicalize(path).ok();
    match around(path)? {
        Some(repository) if repository.workdir() != own.as_deref() => Err(Error::Enclosed {
            path: path.to_owned(),
            enclosing: repository
                .workdir()
                .unwrap_or_else(|| repository.path())
                .to_owned(),
        }),
        _ => Ok(()),
    }
}

/// What libgit2's refusal to open means.
fn refusal(path: &Path, source: git2::Error) -> Error {
    match source.code() {
        ErrorCode::NotFound => Error::NoRepository {
            path: path.to_owned(),
        },
        ErrorCode::Owner => {
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            Error::Owner { path }
        }
        _ => match unsupported(path) {
            Some(feature) => Error::Unsupported {
                path: path.to_owned(),
                feature,
            },
            None => Error::Git {
                operation: "open the repository".to_owned(),
                repository: path.to_owned(),
                source,
            },
        },
    }
}

fn unsupported(path: &Path) -> Option<Feature> {
    let none: [&Path; 0] = [];
    let git_directory = Repository::discover_path(path, none).ok()?;
    let config = Config::open(&common_directory(git_directory).join("config")).ok()?;
    if config
        .get_string("extensions.refstorage")
        .is_ok_and(|format| format != "files")
    {
        return Some(Feature::Reftable);
    }
    let format = config.get_string("extensions.objectformat").ok()?;
    (format != "sha1").then_some(Feature::ObjectFormat(format))
}

/// A linked work tree's git directory names the one that has the configuration.
fn common_directory(git_directory: PathBuf) -> PathBuf {
    match fs::read_to_string(git_directory.join("commondir")) {
        Ok(common) => git_directory.join(common.trim_end()),
        Err(_) => git_directory,
    }
}
