use serde_json::{Value, json};
use std::time::Instant;
use ztgit_lint::{Object, Origin, Subject};
use ztgit_plugin::testing::{homelab, merge_patch};
use ztgit_plugin::{Artifact, Cluster, Facts, Plugin};
use ztgit_plugin_cilium::Cilium;
#[test]
fn perf() {
    let mut c = homelab();
    let mut nss = json!({});
    for n in 0..10 {
        let mut w = json!({});
        for i in 0..20 {
            w[format!("w{i}")] = json!({"labels": {"app": format!("w{n}-{i}")}, "ports": {"http": {"port": 8080, "protocol": "TCP"}}});
        }
        nss[format!("ns{n}")] = json!({"mode": "enforce", "create": true, "workloads": w});
    }
    let mut flows = json!({});
    for f in 0..1000 {
        let (a, b) = (f % 200, (f * 7 + 1 + f / 200) % 200);
        let e = |x: usize| json!({"workload": {"namespace": format!("ns{}", x / 20), "name": format!("w{}", x % 20)}});
        let mut flow = json!({"from": e(a), "to": e(b), "ports": [{"port": 8000 + f / 200, "protocol": "TCP"}]});
        if f % 3 == 0 {
            flow["http"] = json!([{"method": "GET", "path": "/x"}]);
        }
        flows[format!("f{f}")] = flow;
    }
    merge_patch(&mut c, &json!({"namespaces": nss, "flows": flows}));
    let cluster: Cluster = serde_json::from_value(c).unwrap();
    let r = Cilium::render(
        &cluster,
        &serde_json::from_value(json!({})).unwrap(),
        &Facts::default(),
    );
    let objs: Vec<(ztgit_plugin::Phase, Value)> = r
        .artifacts
        .iter()
        .filter_map(|a| match a {
            Artifact::Manifest(m) => Some((m.phase, m.object.clone().into_value())),
            _ => None,
        })
        .collect();
    println!("objects {}", objs.len());
    let t = Instant::now();
    let mut s = Subject::new(&cluster, &[]);
    for (p, v) in &objs {
        s.add_object(Object {
            value: v,
            phase: *p,
            origin: Origin::Plugin("cilium"),
        });
    }
    println!("read {:?}", t.elapsed());
    let mut all: Vec<_> = ztgit_lint::rules()
        .iter()
        .map(|r| {
            let t = Instant::now();
            let n = r.findings(&s).len();
            (t.elapsed(), r.code, n)
        })
        .collect();
    all.sort();
    for a in all.iter().rev().take(14) {
        println!("{a:?}");
    }
    println!(
        "sum {:?}",
        all.iter().map(|a| a.0).sum::<std::time::Duration>()
    );
}
