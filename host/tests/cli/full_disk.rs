//! A real disk that is full or read-only: a small tmpfs in a mount namespace of the
//! test's own. What is on it stays whole, and what could not be done is done once it can.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use ztgit_test_support::require;

use crate::environment::{Run, TestEnvironment};
use crate::stacks::TWO_CLUSTERS;

/// Where the disk is.
const DISK: &str = "disk";
/// Enough for everything.
const ROOMY: &str = "64m";

/// A disk that nobody but its own commands sees, and that goes with it.
struct Disk<'a> {
    env: &'a TestEnvironment,
    holder: Child,
}

impl<'a> Disk<'a> {
    /// One of this size; `None` where namespaces cannot be had.
    fn mount(env: &'a TestEnvironment, size: &str) -> Option<Self> {
        let probe = env.tool("unshare", &["-rm", "true"]).status();
        let usable = probe.is_ok_and(|status| status.success());
        require(usable, "user and mount namespaces with `unshare -rm`")?;
        std::fs::create_dir_all(env.path(DISK)).unwrap();
        let script = format!(
            "mount -t tmpfs -o size={size} tmpfs {DISK}; echo mounted; exec sleep infinity"
        );
        let mut holder = env
            .tool("unshare", &["-rm", "sh", "-euc", &script])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let stdout = holder.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut said).unwrap();
        assert_eq!(said, "mounted\n");
        Some(Self { env, holder })
    }

    /// Runs a script that sees the disk.
    fn script(&self, script: &str) -> Run {
        let process = self.holder.id().to_string();
        let directory = self.env.path("").display().to_string();
        let script = format!("cd '{directory}'; {script}");
        let enter = ["--user", "--mount", "--preserve-credentials", "--target"];
        let arguments = [&enter[..], &[&process, "sh", "-euc", &script]].concat();
        self.env.finish(&mut self.env.tool("nsenter", &arguments))
    }

    fn run(&self, arguments: &str) -> Run {
        self.script(&format!("'{}' {arguments}", env!("CARGO_BIN_EXE_ztgit")))
    }

    fn remount(&self, option: &str) {
        self.script(&format!("mount -o remount,{option} {DISK}"))
            .expect_exit(0);
    }

    fn resize(&self, size: &str) {
        self.remount(&format!("size={size}"));
    }

    /// Fills it but for so many pages.
    fn fill(&self, pages: usize) {
        let bytes = pages * 4096;
        self.script(&format!(
            "cat /dev/zero > {DISK}/filler 2> /dev/null || truncate -s -{bytes} {DISK}/filler"
        ))
        .expect_exit(0);
    }

    fn git(&self, arguments: &str) -> String {
        let run = self.script(&format!("git -C {DISK}/fleet {arguments}"));
        run.expect_exit(0).stdout
    }

    /// Where the branch is, if it is.
    fn branch(&self) -> Option<String> {
        let run = self.script(&format!("cat {DISK}/fleet/.git/refs/heads/main"));
        (run.exit == 0).then_some(run.stdout)
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        // The namespace, and with it the disk, ends with the one who holds it.
        self.holder.kill().unwrap();
        self.holder.wait().unwrap();
    }
}

const RENDER: &str = "render stack --repo disk/fleet";

/// A render that the disk had no room for says so, and what it was about.
#[track_caller]
fn assert_full(run: Run) {
    let run = run.expect_exit(3);
    let said = &run.stderr;
    // libgit2 does not always say why: of an index that it fails to flush, "no error".
    let reasons = [
        "No space left on device",
        "failed to write",
        "cannot write the index",
    ];
    assert!(reasons.iter().any(|reason| said.contains(reason)), "{said}");
    assert!(said.contains("disk/fleet"), "{said}");
}

#[test]
fn a_first_render_onto_a_full_disk_is_an_error_and_works_once_there_is_room() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let expected = env.git("fleet", &["rev-parse", "HEAD^{tree}"]);
    let mut full = 0;
    for kilobytes in (16..).step_by(48) {
        let size = format!("{kilobytes}k");
        let Some(disk) = Disk::mount(&env, &size) else {
            return;
        };
        let run = disk.run(RENDER);
        if run.exit == 0 {
            break;
        }
        assert_full(run);
        full += 1;
        disk.resize(ROOMY);
        disk.run(RENDER).expect_exit(0);
        assert_eq!(
            disk.git("rev-parse HEAD^{tree}").trim_end(),
            expected,
            "{size}"
        );
        assert_eq!(disk.git("status --short"), "", "{size}");
        disk.git("fsck --strict --no-dangling");
    }
    assert!(full > 3, "{full} disks were too small");
}

#[test]
fn a_change_for_which_the_disk_has_no_room_is_made_once_there_is_some() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let Some(disk) = Disk::mount(&env, "2m") else {
        return;
    };
    disk.run(RENDER).expect_exit(0);
    let mut full = 0;
    for pages in 0..16 {
        let (before, after) = (8080 + pages, 8081 + pages);
        let port = |number: usize| format!("http: {number}");
        env.edit("stack/stack.yaml", &port(before), &port(after));
        let old = disk.branch();
        disk.fill(pages);
        let run = disk.run(RENDER);
        if run.exit != 0 {
            assert_full(run);
            full += 1;
        }
        disk.git("fsck --strict --no-dangling");
        let left = disk.branch();
        disk.script("rm disk/filler").expect_exit(0);
        disk.run(RENDER).expect_exit(0);
        let new = disk.branch();
        assert_ne!(new, old, "{pages} pages");
        assert!(left == old || left == new, "{pages} pages: {left:?}");
        assert_eq!(disk.git("status --short"), "", "{pages} pages");
    }
    assert!(full > 3, "{full} renders had no room");
}

#[test]
fn a_cache_on_a_full_disk_is_done_without() {
    let env = TestEnvironment::rendered(TWO_CLUSTERS);
    let Some(disk) = Disk::mount(&env, "16k") else {
        return;
    };
    let render = |repository: &str| {
        let program = env!("CARGO_BIN_EXE_ztgit");
        let render = format!("'{program}' render stack --repo {repository}");
        disk.script(&format!(
            "XDG_CACHE_HOME=$PWD/{DISK}; export XDG_CACHE_HOME; {render}"
        ))
        .expect_exit(0);
        env.git(repository, &["rev-parse", "HEAD^{tree}"])
    };
    let expected = env.git("fleet", &["rev-parse", "HEAD^{tree}"]);
    let kept = || disk.script(&format!("find {DISK} -type f")).stdout;
    assert_eq!(render("full"), expected);
    assert_eq!(kept(), "", "nothing half written stays");
    disk.resize(ROOMY);
    assert_eq!(render("roomy"), expected);
    assert!(kept().contains(".answers"), "{}", kept());
}

#[test]
fn a_change_on_a_read_only_disk_is_an_error_and_is_made_once_it_can_be_written() {
    let env = TestEnvironment::with_stack(TWO_CLUSTERS);
    let Some(disk) = Disk::mount(&env, ROOMY) else {
        return;
    };
    disk.run(RENDER).expect_exit(0);
    let old = disk.branch();
    env.edit("stack/stack.yaml", "http: 8080", "http: 8081");
    disk.remount("ro");
    let said = disk.run(RENDER).expect_exit(3).stderr;
    assert!(said.contains("Read-only file system"), "{said}");
    assert!(said.contains("disk/fleet"), "{said}");
    assert_eq!(disk.branch(), old);
    disk.remount("rw");
    disk.run(RENDER).expect_exit(0);
    assert_ne!(disk.branch(), old);
    assert_eq!(disk.git("status --short"), "");
    disk.git("fsck --strict --no-dangling");
}
