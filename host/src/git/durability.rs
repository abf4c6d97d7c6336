//! Makes libgit2 synchronise what it writes (references, reflogs, directories):
//! by default it does not, and a power cut could leave an empty reference.

use std::ffi::c_int;
use std::sync::Once;

/// Switches synchronisation on for the whole process, before the first
/// repository is opened, because a repository reads the setting when opened.
pub(super) fn enable() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        libgit2_sys::init();
        let option: c_int = libgit2_sys::GIT_OPT_ENABLE_FSYNC_GITDIR.cast_signed();
        // SAFETY: this option takes one C int and stores it in a global; libgit2
        // is initialised, and the `Once` keeps two threads from writing it.
        #[allow(unsafe_code, reason = "git2 has no setter for this option")]
        let status = unsafe { libgit2_sys::git_libgit2_opts(option, 1 as c_int) };
        assert_eq!(status, 0, "libgit2 knows the option since 0.26");
    });
}
