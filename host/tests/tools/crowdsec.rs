//! CrowdSec's files, read by the engine and the bouncer as Debian packages them.

use std::fs;

use ztgit_test_support::{Sandbox, said};

use crate::rendered::{Place, Rendered};

/// A node with the packages as they are after an installation without network:
/// dummy credentials and the offline hub. Its files are put in last.
const NODE: &str = "
    cp -r /etc/crowdsec packaged
    mount -t tmpfs none /etc/crowdsec
    mount -t tmpfs none /var/lib/crowdsec
    mount -t tmpfs none /var/log
    mkdir -p /var/lib/crowdsec/data
    ln -s /usr/share/crowdsec/hub /var/lib/crowdsec/hub
    for kept in config.yaml profiles.yaml simulation.yaml patterns; do
        mv packaged/$kept /etc/crowdsec
    done
    rm -r packaged
    for parser in s00-raw/syslog-logs s01-parse/sshd-logs s02-enrich/dateparse-enrich; do
        mkdir -p /etc/crowdsec/parsers/${parser%/*}
        ln -s /usr/share/crowdsec/hub/parsers/${parser%/*}/crowdsecurity/${parser#*/}.yaml \
            /etc/crowdsec/parsers/${parser%/*}
    done
    cat >/etc/crowdsec/local_api_credentials.yaml <<'END'
url: http://127.0.0.1:8080
login: test
password: test
END
    : >/etc/crowdsec/online_api_credentials.yaml
    printf 'common: {log_media: stdout}\\n' >/etc/crowdsec/config.yaml.local
";

const BOUNCER: &str = "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml";

/// The nodes that run CrowdSec, and the script that makes one.
fn nodes(rendered: &Rendered) -> Vec<(Place, String)> {
    let mut nodes = rendered.nodes();
    nodes.retain(|node| node.path.join("files/etc/crowdsec").exists());
    assert!(!nodes.is_empty(), "no stack has a node with CrowdSec");
    let script = |node: &Place| {
        format!(
            "{NODE}\ncp -r {}/files/etc/crowdsec/. /etc/crowdsec\n",
            node.shell()
        )
    };
    nodes
        .into_iter()
        .map(|node| {
            let script = script(&node);
            (node, script)
        })
        .collect()
}

#[test]
fn the_engine_accepts_and_reads_the_files_of_every_node() {
    let Some(sandbox) = Sandbox::new("rendered_engine", &["crowdsec"]) else {
        return;
    };
    let rendered = Rendered::stacks();
    for (node, script) in nodes(&rendered) {
        let output = sandbox.script(&format!(
            "{script} crowdsec -c /etc/crowdsec/config.yaml -t"
        ));
        let said = said(&output);
        assert!(output.status.success(), "{node}: {said}");
        for read in ["acquis.d", "parsers/s02-enrich"] {
            let directory = node.path.join("files/etc/crowdsec").join(read);
            for file in fs::read_dir(directory).unwrap() {
                let name = file.unwrap().file_name().into_string().unwrap();
                assert!(
                    said.contains(&name),
                    "{node}: {read}/{name} is not read:\n{said}"
                );
            }
        }
    }
}

#[test]
fn the_bouncer_accepts_the_file_of_every_node() {
    let Some(sandbox) = Sandbox::new("rendered_bouncer", &["crowdsec-firewall-bouncer"]) else {
        return;
    };
    let rendered = Rendered::stacks();
    for (node, script) in nodes(&rendered) {
        // The key is what the rendered installer makes on the node.
        let output = sandbox.script(&format!(
            "{script}
            echo 'api_key: \"0123456789abcdef\"' >{BOUNCER}.local
            crowdsec-firewall-bouncer -c {BOUNCER} -t"
        ));
        let said = said(&output);
        assert!(output.status.success(), "{node}: {said}");
        // A mode that it does not know is only a warning, "unexpected nftable mode".
        assert!(!said.contains("unexpected"), "{node}: {said}");
    }
}
