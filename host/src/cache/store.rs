//! All segments of a cache, and the one that this run adds to them.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::is_private;
use super::segment::{Draft, EXTENSION, Segment, UNFINISHED};
use crate::abandoned;
use crate::tree::Sha256;

/// Bytes that all segments may have together; the oldest go first.
const LIMIT_BYTES: u64 = 1 << 30;
/// Segments that there may be; then the small ones become one.
const LIMIT_SEGMENTS: usize = 24;
/// What is small.
const SMALL_BYTES: u64 = 8 << 20;

/// Answers by key, from earlier runs and for later ones.
pub struct Store {
    directory: PathBuf,
    segments: Vec<Segment>,
    draft: Mutex<Option<Draft>>,
}

/// How much a cache holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoreSize {
    /// Answers.
    pub answers: usize,
    /// Bytes of all files.
    pub bytes: u64,
}

impl Store {
    /// The store in a directory, which is made where it is not there. None where it
    /// cannot be used, which is worth a line in the log and nothing more.
    pub fn open(directory: &Path) -> Option<Self> {
        let made = DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory);
        if let Err(error) = made {
            tracing::debug!(path = %directory.display(), %error, "there is no cache");
            return None;
        }
        if !is_private(directory) {
            tracing::warn!(path = %directory.display(), "the cache is not used: others can write it");
            return None;
        }
        Some(Self {
            segments: segments(directory).unwrap_or_default(),
            directory: directory.to_owned(),
            draft: Mutex::default(),
        })
    }

    /// The answer to a key, where this run or an earlier one had it.
    pub fn get(&self, key: &Sha256) -> Option<Vec<u8>> {
        let earlier = self.segments.iter().find_map(|segment| {
            segment.get(key).unwrap_or_else(|error| {
                tracing::warn!(path = %segment.path.display(), %error, "a cached answer is not used");
                None
            })
        });
        earlier.or_else(|| {
            let mut draft = self.draft.lock().unwrap_or_else(PoisonError::into_inner);
            draft.as_mut()?.get(key).ok()?
        })
    }

    /// Keeps an answer for the rest of this run and for later ones.
    pub fn put(&self, key: Sha256, answer: &[u8]) {
        let digest = Sha256::of(answer);
        let mut draft = self.draft.lock().unwrap_or_else(PoisonError::into_inner);
        let added = match &mut *draft {
            Some(draft) => draft.add(key, answer, digest),
            none => Draft::create(&self.directory)
                .and_then(|created| none.insert(created).add(key, answer, digest)),
        };
        if let Err(error) = added {
            // A full disk; half of what this run found is of no use.
            *draft = None;
            tracing::debug!(%error, "an answer is not cached");
        }
    }

    /// Makes what this run has put visible to others, and keeps the whole in bounds.
    pub fn finish(&self) {
        let draft = self
            .draft
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(draft) = draft else { return };
        let kept = draft
            .finish(&self.directory)
            .and_then(|()| consolidate(&self.directory))
            .and_then(|()| evict(&self.directory));
        abandoned::remove(&self.directory, &[UNFINISHED]);
        if let Err(error) = kept {
            tracing::debug!(%error, "the cache could not be kept in order");
        }
    }

    /// How much there is.
    pub fn size(&self) -> StoreSize {
        StoreSize {
            answers: self.segments.iter().map(|s| s.keys().count()).sum(),
            bytes: self.segments.iter().map(|s| s.bytes).sum(),
        }
    }
}

/// All complete segments, the newest first; what is damaged is removed.
fn segments(directory: &Path) -> io::Result<Vec<Segment>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_none_or(|found| found != EXTENSION) || !is_private(&path) {
            continue;
        }
        let age = fs::metadata(&path)
            .and_then(|metadata| metadata.modified())
            .unwrap_or(SystemTime::UNIX_EPOCH);
        match Segment::open(path.clone()) {
            Ok(segment) => found.push((age, segment)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                tracing::warn!(path = %path.display(), %error, "a file of the cache is removed");
                let _ = fs::remove_file(&path);
            }
            // Another run has removed it meanwhile.
            Err(_) => {}
        }
    }
    found.sort_by(|(a, left), (b, right)| (b, &left.path).cmp(&(a, &right.path)));
    Ok(found.into_iter().map(|(_, segment)| segment).collect())
}

/// Many small runs leave many small files: they become one.
fn consolidate(directory: &Path) -> io::Result<()> {
    let all = segments(directory)?;
    if all.len() <= LIMIT_SEGMENTS {
        return Ok(());
    }
    let small: Vec<&Segment> = all.iter().filter(|s| s.bytes < SMALL_BYTES).collect();
    let mut draft = Draft::create(directory)?;
    for segment in &small {
        for key in segment.keys() {
            if let Ok(Some(answer)) = segment.get(key) {
                draft.add(*key, &answer, Sha256::of(&answer))?;
            }
        }
    }
    draft.finish(directory)?;
    for segment in small {
        let _ = fs::remove_file(&segment.path);
    }
    Ok(())
}

fn evict(directory: &Path) -> io::Result<()> {
    let mut kept = 0;
    for segment in segments(directory)? {
        kept += segment.bytes;
        if kept > LIMIT_BYTES {
            let _ = fs::remove_file(&segment.path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Sha256 {
        Sha256::of(&number.to_le_bytes())
    }

    fn run(directory: &Path, numbers: std::ops::Range<usize>) {
        let store = Store::open(directory).unwrap();
        for number in numbers {
            store.put(key(number), format!("answer {number}").as_bytes());
        }
        store.finish();
    }

    #[test]
    fn what_one_run_puts_another_gets() {
        let directory = tempfile::tempdir().unwrap();
        run(directory.path(), 0..3);
        let store = Store::open(directory.path()).unwrap();
        assert_eq!(store.get(&key(1)).as_deref(), Some(&b"answer 1"[..]));
        assert_eq!(store.get(&key(3)), None);
        assert_eq!(store.size().answers, 3);
    }

    #[test]
    fn what_a_run_puts_it_gets_itself() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        for number in 0..3 {
            store.put(key(number), format!("answer {number}").as_bytes());
            assert_eq!(store.get(&key(0)).as_deref(), Some(&b"answer 0"[..]));
        }
        assert_eq!(store.get(&key(3)), None);
        store.finish();
        let later = Store::open(directory.path()).unwrap();
        assert_eq!(later.get(&key(2)).as_deref(), Some(&b"answer 2"[..]));
    }

    #[test]
    fn a_changed_byte_is_a_miss_and_a_damaged_index_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        run(directory.path(), 0..2);
        let path = segments(directory.path()).unwrap()[0].path.clone();
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, bytes).unwrap();
            let store = Store::open(directory.path()).unwrap();
            for number in 0..2 {
                let answer = store.get(&key(number));
                let written = format!("answer {number}").into_bytes();
                assert!(answer.is_none_or(|answer| answer == written), "byte {at}");
            }
        }
    }

    #[test]
    fn a_truncated_file_is_no_answer() {
        let directory = tempfile::tempdir().unwrap();
        run(directory.path(), 0..2);
        let path = segments(directory.path()).unwrap()[0].path.clone();
        let whole = fs::read(&path).unwrap();
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            let store = Store::open(directory.path()).unwrap();
            assert_eq!(store.get(&key(0)), None, "{length} bytes");
        }
    }

    #[test]
    fn many_small_runs_become_one_file() {
        let directory = tempfile::tempdir().unwrap();
        for number in 0..=LIMIT_SEGMENTS {
            run(directory.path(), number..number + 1);
        }
        assert_eq!(segments(directory.path()).unwrap().len(), 1);
        let store = Store::open(directory.path()).unwrap();
        assert!((0..=LIMIT_SEGMENTS).all(|number| store.get(&key(number)).is_some()));
    }

    #[test]
    fn what_a_killed_run_left_goes_in_time() {
        let directory = tempfile::tempdir().unwrap();
        let [old, young] = ["old", "young"].map(|name| {
            let path = directory.path().join(format!("{UNFINISHED}{name}"));
            (fs::File::create(&path).unwrap(), path)
        });
        old.0.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        run(directory.path(), 0..1);
        assert!(!old.1.exists() && young.1.exists());
    }

    #[test]
    fn runs_at_the_same_time_do_not_disturb_each_other() {
        let directory = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let directory = directory.path();
                scope.spawn(move || (0..10).for_each(|turn| run(directory, thread..thread + turn)));
            }
        });
        let store = Store::open(directory.path()).unwrap();
        for number in 0..16 {
            let written = format!("answer {number}").into_bytes();
            assert_eq!(store.get(&key(number)), Some(written));
        }
    }

    #[test]
    fn a_directory_that_others_can_write_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(Store::open(directory.path()).is_none());
    }
}
