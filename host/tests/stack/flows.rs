use crate::{findings, one_cluster};

/// Two workloads, and these flows.
fn flows(flows: &str) -> String {
    let (stack, diagnostics) = one_cluster(&format!(
        "namespaces:
  demo:
    workloads:
      web: {{labels: {{app: web}}, ports: {{http: 8080}}}}
      dns: {{labels: {{app: dns}}, ports: {{dns: {{port: 53, protocol: UDP}}}}}}
flows:
{flows}"
    ));
    let resolved: String = stack
        .clusters
        .iter()
        .flat_map(|cluster| &cluster.cluster.flows)
        .map(|(name, flow)| {
            format!(
                "{name}: {}\n",
                serde_json::to_string(flow).expect("a flow is plain JSON")
            )
        })
        .collect();
    format!("{}{resolved}", findings(&stack, &diagnostics))
}

#[test]
fn a_named_port_becomes_the_workload_s_number_and_protocol() {
    assert_eq!(
        flows("  ask: {from: demo/web, to: demo/dns, port: dns}\n"),
        concat!(
            r#"ask: {"from":{"workload":{"namespace":"demo","name":"web"}},"#,
            r#""to":{"workload":{"namespace":"demo","name":"dns"}},"#,
            r#""ports":[{"port":53,"protocol":"UDP"}]}"#,
            "\n"
        )
    );
}

#[test]
fn a_plain_number_has_the_protocol_that_the_workload_declares() {
    assert!(
        flows("  ask: {from: demo/web, to: demo/dns, ports: [53]}\n")
            .contains(r#""ports":[{"port":53,"protocol":"UDP"}]"#)
    );
}

#[test]
fn an_unknown_workload_port_or_namespace_is_named_with_what_is_close() {
    assert_eq!(
        flows(
            "  a: {from: demo/wbe, to: demo/dns}\n  b: {from: demo/web, to: demo/dns, port: dsn}\n  c: {from: dmeo/web, to: demo/dns}\n"
        ),
        "unknown-reference stack.yaml:14:19 namespace `demo` has no workload `wbe`
unknown-reference stack.yaml:15:49 workload `demo/dns` has no port `dsn`
unknown-reference stack.yaml:16:19 there is no namespace `dmeo`
"
    );
}

#[test]
fn one_end_is_exactly_one_thing() {
    assert_eq!(
        flows("  a: {from: {entity: world, fqdn: example.net}, to: demo/web}\n"),
        "ambiguous-peer stack.yaml:14:13 one end of a flow is exactly one thing\n"
    );
}

#[test]
fn a_range_that_ends_before_it_begins_is_refused() {
    assert_eq!(
        flows("  a: {from: demo/web, to: demo/dns, ports: [{port: 90, endPort: 80}]}\n"),
        "port-range stack.yaml:14:51 the range 90-80 ends before it begins\n"
    );
}

#[test]
fn two_workloads_with_the_same_labels_are_one_to_the_network() {
    let (stack, diagnostics) = one_cluster(
        "namespaces: {demo: {workloads: {a: {labels: {app: x}}, b: {labels: {app: x}}}}}",
    );
    assert_eq!(
        findings(&stack, &diagnostics),
        "same-labels stack.yaml:8:66 workloads `a` and `b` have the same labels\n"
    );
}

#[test]
fn an_exception_without_a_range_is_refused_rather_than_dropped() {
    assert_eq!(
        flows("  a: {from: {entity: world, except: [10.0.0.0/8]}, to: demo/web}\n"),
        "ambiguous-peer stack.yaml:14:35 `except` is taken from a `cidr`, and there is none\n"
    );
}
