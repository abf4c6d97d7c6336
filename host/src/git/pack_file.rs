//! Objects in, a pack and its index durably in the object database out.
//!
//! The order is what makes a crash harmless: both files are complete and on
//! disk before either has its name, the pack gets its name before the index
//! that makes it visible, and the directory is synchronised last. Whoever then
//! points a reference at one of the objects points at something that stays.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use git2::Oid;

use super::object::Object;
use super::{pack, pack_index};

/// Stores `objects` as one pack below the object directory `objects_directory`.
pub(super) fn store(objects_directory: &Path, objects: &[Object<'_>]) -> io::Result<()> {
    let directory = objects_directory.join("pack");
    fs::create_dir_all(&directory)?;
    let pack = Unfinished::create(&directory, "tmp_pack_ztgit")?;
    let summary = pack.fill(|out| pack::write(objects, out))?;
    let index = Unfinished::create(&directory, "tmp_idx_ztgit")?;
    index.fill(|out| pack_index::write(&summary, out))?;

    let name = Oid::from_bytes(&summary.checksum).expect("a checksum is as long as an object name");
    pack.finish(&directory.join(format!("pack-{name}.pack")))?;
    index.finish(&directory.join(format!("pack-{name}.idx")))?;
    File::open(&directory)?.sync_all()
}

/// A file under a temporary name, which `git gc` would clear away after a
/// crash, and which is removed if it is dropped before it is finished.
struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    fn create(directory: &Path, prefix: &str) -> io::Result<Self> {
        let path = directory.join(format!("{prefix}_{}", std::process::id()));
        // One left by a crashed process of the same number is nobody's: only
        // the holder of the writer lock comes here.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        Ok(Self { path })
    }

    fn fill<T>(
        &self,
        content: impl FnOnce(&mut BufWriter<&File>) -> io::Result<T>,
    ) -> io::Result<T> {
        let file = OpenOptions::new().write(true).open(&self.path)?;
        let mut out = BufWriter::with_capacity(1 << 18, &file);
        let result = content(&mut out)?;
        out.flush()?;
        drop(out);
        file.set_permissions(Permissions::from_mode(0o444))?;
        file.sync_all()?;
        Ok(result)
    }

    fn finish(self, name: &Path) -> io::Result<()> {
        fs::rename(&self.path, name)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After `finish` there is nothing under the temporary name.
        let _ = fs::remove_file(&self.path);
    }
}
