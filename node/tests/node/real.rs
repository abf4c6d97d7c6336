//! The real nft, in a network namespace of its own.

use std::io::Write as _;
use std::process::{self, Child, Stdio};

use serde_json::json;
use ztgit_node::{
    Command, CommandError, Commands, Confirmation, Error, Host, Kind, Root, Verdict, Which, apply,
    drift, rollback,
};
use ztgit_test_support::require_tool;

use crate::fixture::{Folder, Node, RULES, RULESET, SYSCTL};

/// A network namespace that lasts as long as its process. What is not of nft is
/// not run.
struct Namespace(Child);

impl Namespace {
    fn new() -> Option<Self> {
        for tool in ["nft", "unshare", "nsenter"] {
            require_tool(tool)?;
        }
        let mut holder = process::Command::new("unshare");
        holder.args(["--net", "sh", "-c", "echo; exec sleep 600"]);
        let mut child = holder.stdout(Stdio::piped()).spawn().unwrap();
        // It has its namespace once it has written something.
        let mut line = String::new();
        let output = child.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(output), &mut line).unwrap();
        Some(Self(child))
    }

    fn inside(&self, line: &[String], input: &[u8]) -> process::Output {
        let network = format!("--net=/proc/{}/ns/net", self.0.id());
        let mut program = process::Command::new("nsenter");
        program.arg(network).arg("--").args(line);
        let pipes = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = pipes.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        child.wait_with_output().unwrap()
    }

    fn nft(&self, line: &str) -> String {
        let line: Vec<_> = format!("nft {line}")
            .split(' ')
            .map(str::to_owned)
            .collect();
        let output = self.inside(&line, b"");
        assert!(
            output.status.success(),
            "{}",
            ztgit_test_support::said(&output)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn rules(&self) -> String {
        self.nft("--stateless list ruleset")
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Commands for Namespace {
    fn run(&mut self, command: &Command, _: &Root) -> Result<Vec<u8>, CommandError> {
        let line = command.line();
        let input = match command {
            Command::CheckNftables(text)
            | Command::LoadNftables(text)
            | Command::ListRendered(text)
            | Command::ListRenderedIptables(_, text) => text.as_slice(),
            Command::ListNftables | Command::ListIptables(_) => &[],
            _ => return Err(CommandError::NotRun(line.join(" "))),
        };
        let output = self.inside(&line, input);
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(CommandError::Failed {
            command: line.join(" "),
            status: output.status,
            message: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

fn folder(rules: &str) -> Folder {
    Folder::default().file(RULESET, rules, "0600", json!([{"step": "load-nftables"}]))
}

fn apply_to(node: &Node, namespace: &mut Namespace, rules: &str) -> Result<(), Error> {
    let mut host = Host::open(node.0.path(), namespace)?.live();
    apply(&mut host, &folder(rules).source(), &Confirmation::NotNeeded).map(drop)
}

fn verdict(node: &Node, namespace: &mut Namespace) -> (Verdict, Vec<Kind>) {
    let mut host = Host::open(node.0.path(), namespace).unwrap().live();
    let report = drift(&mut host, None).unwrap();
    let kinds = report.findings.iter().map(|finding| finding.kind).collect();
    (report.verdict(), kinds)
}

#[test]
fn a_ruleset_that_nft_refuses_at_its_last_line_changes_nothing() {
    let Some(mut namespace) = Namespace::new() else {
        return;
    };
    let node = Node::new();
    apply_to(&node, &mut namespace, RULES).unwrap();
    let (rules, files) = (namespace.rules(), node.snapshot());
    assert!(rules.contains("udp dport 51820 accept"));
    // Every word is known, and there is no such set.
    let last = "limit rate 6/minute burst 10 packets log prefix \"ztgit-drop-forward \" level info";
    let bad = RULES
        .replace(last, "ip saddr @nosuchset accept")
        .replace("51820", "51821");
    assert_ne!(bad, RULES);
    let error = apply_to(&node, &mut namespace, &bad).unwrap_err();
    assert!(error.to_string().contains("nosuchset"), "{error}");
    assert_eq!((namespace.rules(), node.snapshot()), (rules, files));
}

#[test]
fn a_ruleset_that_is_loaded_twice_is_there_once_and_others_stay() {
    let Some(mut namespace) = Namespace::new() else {
        return;
    };
    let node = Node::new();
    namespace.nft("add table inet other");
    apply_to(&node, &mut namespace, RULES).unwrap();
    let rules = namespace.rules();
    apply_to(&node, &mut namespace, &RULES.replace("51820", "51821")).unwrap();
    assert_ne!(namespace.rules(), rules);
    apply_to(&node, &mut namespace, RULES).unwrap();
    assert_eq!(namespace.rules(), rules);
    assert!(rules.contains("table inet other"));
}

#[test]
fn taking_the_first_apply_back_takes_the_table_away() {
    let Some(mut namespace) = Namespace::new() else {
        return;
    };
    let node = Node::new();
    apply_to(&node, &mut namespace, RULES).unwrap();
    let mut host = Host::open(node.0.path(), &mut namespace).unwrap().live();
    let back = rollback(&mut host, Which::Last).unwrap();
    assert_eq!(back.failures, Vec::<String>::new());
    assert_eq!(namespace.rules(), "");
}

#[test]
fn rules_that_were_changed_by_hand_are_found_and_an_apply_loads_them_again() {
    let Some(mut namespace) = Namespace::new() else {
        return;
    };
    let node = Node::new();
    apply_to(&node, &mut namespace, RULES).unwrap();
    assert_eq!(verdict(&node, &mut namespace), (Verdict::Clean, vec![]));
    for change in [
        "add rule inet ztgit input accept",
        "delete table inet ztgit",
    ] {
        namespace.nft(change);
        let found = verdict(&node, &mut namespace);
        assert_eq!(found, (Verdict::Drift, vec![Kind::NotInEffect]), "{change}");
        apply_to(&node, &mut namespace, RULES).unwrap();
        assert_eq!(verdict(&node, &mut namespace), (Verdict::Clean, vec![]));
    }
}

const FORWARD: &str = "net.ipv4.ip_forward";
/// The kernel changes this one together with the other.
const REDIRECTS: &str = "net.ipv4.conf.all.accept_redirects";
const FILTER: &str = "net.ipv4.conf.lo.rp_filter";

/// The kernel's parameters of a namespace. Files are the node's.
struct Kernel<'a> {
    namespace: Namespace,
    node: &'a Node,
}

impl Kernel<'_> {
    fn sysctl(&self, arguments: &str, input: &str) -> process::Output {
        let line: Vec<_> = format!("sysctl {arguments}")
            .split(' ')
            .map(str::to_owned)
            .collect();
        self.namespace.inside(&line, input.as_bytes())
    }

    fn value(&self, key: &str) -> String {
        let output = self.sysctl(&format!("--values {key}"), "");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Commands for Kernel<'_> {
    fn run(&mut self, command: &Command, _: &Root) -> Result<Vec<u8>, CommandError> {
        let line = command.line().join(" ");
        let output = match command {
            Command::ReadSysctl(_) | Command::SetSysctl { .. } => {
                self.sysctl(line.strip_prefix("sysctl ").unwrap(), "")
            }
            Command::LoadSysctl(path) => {
                self.sysctl("--quiet --load -", &self.node.read(path.as_str()))
            }
            _ => return Err(CommandError::NotRun(line)),
        };
        assert!(
            output.status.success(),
            "{}",
            ztgit_test_support::said(&output)
        );
        Ok(output.stdout)
    }
}

#[test]
fn kernel_parameters_are_taken_back_with_their_file() {
    let Some(namespace) = Namespace::new() else {
        return;
    };
    if require_tool("sysctl").is_none() {
        return;
    }
    let node = Node::new();
    let mut kernel = Kernel {
        namespace,
        node: &node,
    };
    for setting in [
        format!("{FORWARD}=1"),
        format!("{REDIRECTS}=1"),
        format!("{FILTER}=2"),
    ] {
        kernel.sysctl(&format!("--write {setting}"), "");
    }
    let values = |kernel: &Kernel<'_>| [FORWARD, REDIRECTS, FILTER].map(|key| kernel.value(key));
    let before = values(&kernel);
    let text = format!("{FORWARD} = 0\n{FILTER} = 0\n");
    let folder = Folder::default().file(SYSCTL, &text, "0644", json!([{"step": "apply-sysctl"}]));
    let mut host = Host::open(node.0.path(), &mut kernel).unwrap();
    apply(&mut host, &folder.source(), &Confirmation::NotNeeded).unwrap();
    drop(host);
    assert_eq!(values(&kernel), ["0", "1", "0"]);
    let mut host = Host::open(node.0.path(), &mut kernel).unwrap();
    let back = rollback(&mut host, Which::Last).unwrap();
    assert_eq!(back.failures, Vec::<String>::new());
    assert_eq!(values(&kernel), before);
}

const CHAINS: &str = "\
*filter
:ZTGIT-INPUT - [0:0]
:ZTGIT-FORWARD - [0:0]
-A ZTGIT-INPUT -i lo -j RETURN
-A ZTGIT-INPUT -s 192.168.1.0/24 -p tcp -m tcp --dport 22 -m comment --comment \"SSH\" -j RETURN
-A ZTGIT-INPUT -j DROP
COMMIT
# ztgit: end of ruleset
";

#[test]
fn chains_that_were_changed_or_are_not_reached_are_found() {
    let Some(mut namespace) = Namespace::new() else {
        return;
    };
    if require_tool("iptables-restore").is_none() {
        return;
    }
    let node = Node::new();
    let folder = Folder::default().file("/etc/ztgit/iptables.rules", CHAINS, "0600", json!([]));
    let mut host = Host::open(node.0.path(), &mut namespace).unwrap();
    apply(&mut host, &folder.source(), &Confirmation::NotNeeded).unwrap();
    let iptables = |namespace: &Namespace, line: &str, input: &str| {
        let line: Vec<_> = line.split(' ').map(str::to_owned).collect();
        assert!(namespace.inside(&line, input.as_bytes()).status.success());
    };
    let hooked = CHAINS.replace(
        "COMMIT",
        "-I INPUT -j ZTGIT-INPUT\n-I FORWARD -j ZTGIT-FORWARD\nCOMMIT",
    );
    iptables(&namespace, "iptables-restore --noflush", &hooked);
    assert_eq!(verdict(&node, &mut namespace), (Verdict::Clean, vec![]));
    for change in [
        "iptables -D FORWARD -j ZTGIT-FORWARD",
        "iptables -D ZTGIT-INPUT -j DROP",
    ] {
        iptables(&namespace, change, "");
        let found = verdict(&node, &mut namespace);
        assert_eq!(found, (Verdict::Drift, vec![Kind::NotInEffect]), "{change}");
    }
}
