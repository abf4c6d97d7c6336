//! All segments of a cache, and those that this run adds to them.

use std::fs::DirBuilder;
use std::io;
use std::mem;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bounds::{self, Bounds};
use super::is_private;
use super::segment::{Draft, Segment, UNFINISHED};
use crate::abandoned;
use crate::tree::Sha256;

/// Answers by key, from this run, from earlier ones and for later ones.
pub struct Store {
    directory: PathBuf,
    bounds: Bounds,
    earlier: Vec<Segment>,
    own: Mutex<Own>,
}

/// What this run has put.
#[derive(Default)]
struct Own {
    complete: Vec<Segment>,
    unfinished: Option<Draft>,
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
        Self::bounded(directory, Bounds::default())
    }

    fn bounded(directory: &Path, bounds: Bounds) -> Option<Self> {
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
            earlier: bounds::segments(directory).unwrap_or_default(),
            directory: directory.to_owned(),
            bounds,
            own: Mutex::default(),
        })
    }

    /// The answer to a key, where this run or an earlier one had it.
    pub fn get(&self, key: &Sha256) -> Option<Vec<u8>> {
        find(&self.earlier, key).or_else(|| self.own().get(key))
    }

    /// Keeps an answer for the rest of this run and for later ones.
    pub fn put(&self, key: Sha256, answer: &[u8]) {
        let digest = Sha256::of(answer);
        let mut own = self.own();
        if let Err(error) = own.add(self, key, answer, digest) {
            // A full disk; half of what this run found is of no use.
            own.unfinished = None;
            tracing::debug!(%error, "an answer is not cached");
        }
    }

    /// Makes what this run has put visible to others, and keeps the whole in bounds.
    pub fn finish(&self) {
        let used = self.earlier.iter().filter(|segment| segment.was_used());
        used.for_each(bounds::touch);
        let mut own = mem::take(&mut *self.own());
        if own.unfinished.is_none() && own.complete.is_empty() {
            return;
        }
        let kept = own
            .complete(&self.directory)
            .and_then(|()| bounds::keep(&self.directory, &self.bounds));
        abandoned::remove(&self.directory, &[UNFINISHED]);
        if let Err(error) = kept {
            tracing::debug!(%error, "the cache could not be kept in order");
        }
    }

    /// How much there is.
    pub fn size(&self) -> StoreSize {
        StoreSize {
            answers: self.earlier.iter().map(|s| s.keys().count()).sum(),
            bytes: self.earlier.iter().map(|s| s.bytes).sum(),
        }
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Own {
    fn get(&mut self, key: &Sha256) -> Option<Vec<u8>> {
        let unfinished = self.unfinished.as_mut();
        let answer = unfinished.and_then(|draft| draft.get(key).ok()?);
        answer.or_else(|| find(&self.complete, key))
    }

    fn add(&mut self, store: &Store, key: Sha256, answer: &[u8], digest: Sha256) -> io::Result<()> {
        let draft = match &mut self.unfinished {
            Some(draft) => draft,
            none => none.insert(Draft::create(&store.directory)?),
        };
        draft.add(key, answer, digest)?;
        if draft.written() >= store.bounds.segment_bytes {
            self.complete(&store.directory)?;
        }
        Ok(())
    }

    fn complete(&mut self, directory: &Path) -> io::Result<()> {
        if let Some(draft) = self.unfinished.take() {
            let path = draft.finish(directory)?;
            self.complete.push(Segment::open(path)?);
        }
        Ok(())
    }
}

fn find(segments: &[Segment], key: &Sha256) -> Option<Vec<u8>> {
    segments.iter().find_map(|segment| {
        segment.get(key).unwrap_or_else(|error| {
            segment.give_up(&error);
            None
        })
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, SystemTime};

    use super::super::bounds::segments;
    use super::*;

    const SEGMENTS: usize = 24;

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
        for number in 0..=SEGMENTS {
            run(directory.path(), number..number + 1);
        }
        assert_eq!(segments(directory.path()).unwrap().len(), 1);
        let store = Store::open(directory.path()).unwrap();
        assert!((0..=SEGMENTS).all(|number| store.get(&key(number)).is_some()));
    }

    /// Room for three runs of ten answers.
    fn narrow() -> Bounds {
        let directory = tempfile::tempdir().unwrap();
        run(directory.path(), 0..10);
        let one = segments(directory.path()).unwrap()[0].bytes;
        Bounds {
            bytes: 3 * one + one / 2,
            segment_bytes: one,
            ..Bounds::default()
        }
    }

    fn bounded_run(directory: &Path, bounds: Bounds, used: usize, put: std::ops::Range<usize>) {
        let store = Store::bounded(directory, bounds).unwrap();
        store.get(&key(used));
        for number in put {
            store.put(key(number), format!("answer {number}").as_bytes());
        }
        store.finish();
    }

    /// Those of the answers that are there.
    fn known(directory: &Path, numbers: &[usize]) -> Vec<usize> {
        let store = Store::open(directory).unwrap();
        let numbers = numbers.iter().copied();
        numbers
            .filter(|number| store.get(&key(*number)).is_some())
            .collect()
    }

    #[test]
    fn what_was_not_used_for_the_longest_time_goes_first() {
        let directory = tempfile::tempdir().unwrap();
        let (directory, bounds) = (directory.path(), narrow());
        for (age, first) in [(3, 0), (2, 10), (1, 20)] {
            run(directory, first..first + 10);
            let newest = Store::open(directory).unwrap();
            let of_run = |segment: &&Segment| segment.keys().any(|found| *found == key(first));
            let path = &newest.earlier.iter().find(of_run).unwrap().path;
            let used = SystemTime::UNIX_EPOCH + Duration::from_secs(100 - age);
            fs::File::open(path).unwrap().set_modified(used).unwrap();
        }
        bounded_run(directory, bounds, 5, 30..40);
        assert_eq!(known(directory, &[0, 10, 20, 30]), [0, 20, 30]);
    }

    #[test]
    fn a_run_that_puts_too_much_keeps_a_part_of_it() {
        let directory = tempfile::tempdir().unwrap();
        let (directory, bounds) = (directory.path(), narrow());
        let store = Store::bounded(directory, bounds).unwrap();
        for number in 0..200 {
            store.put(key(number), &[0; 100]);
        }
        assert!((0..200).all(|number| store.get(&key(number)).is_some()));
        store.finish();
        let size = Store::open(directory).unwrap().size();
        assert!(size.bytes <= bounds.bytes, "{size:?}");
        assert!(size.answers > 0 && size.answers < 200, "{size:?}");
    }

    #[test]
    fn one_small_file_among_many_large_ones_stays() {
        let directory = tempfile::tempdir().unwrap();
        let bounds = Bounds {
            segments: 2,
            small_bytes: 1_000,
            ..Bounds::default()
        };
        for number in 0..3 {
            let store = Store::bounded(directory.path(), bounds).unwrap();
            store.put(key(number), &[0; 1_000]);
            store.finish();
        }
        bounded_run(directory.path(), bounds, 0, 3..4);
        assert_eq!(known(directory.path(), &[0, 1, 2, 3]), [0, 1, 2, 3]);
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
