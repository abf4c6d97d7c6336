use crate::{findings, one_cluster};

fn network(lines: &str) -> String {
    let (stack, diagnostics) = one_cluster(lines);
    findings(&stack, &diagnostics)
}

#[test]
fn ranges_of_pods_services_and_nodes_must_not_meet() {
    assert_eq!(
        network(
            "network: {podCIDRs: [10.0.0.0/8], serviceCIDRs: [10.43.0.0/16], nodeCIDRs: [192.168.1.0/24]}"
        ),
        "cidr-overlap stack.yaml:8:41 10.0.0.0/8 of pods overlaps 10.43.0.0/16 of services\n"
    );
}

#[test]
fn a_range_with_host_bits_is_named_as_it_should_be() {
    assert_eq!(
        network("network: {podCIDRs: [10.42.0.1/16]}"),
        "invalid-value stack.yaml:8:28 `10.42.0.1/16` has host bits set; the range is 10.42.0.0/16\n"
    );
}

#[test]
fn a_node_lies_in_the_nodes_ranges() {
    assert_eq!(
        network(
            "network: {nodeCIDRs: [192.168.1.0/24]}\nnodes: {a: {role: server, addresses: [192.168.2.1]}}"
        ),
        "node-outside-range stack.yaml:9:45 192.168.2.1 is in none of `network.nodeCIDRs`\n"
    );
}

#[test]
fn two_nodes_cannot_have_one_address() {
    assert_eq!(
        network(
            "nodes: {a: {role: server, addresses: [192.168.2.1]}, b: {role: agent, addresses: [192.168.2.1]}}"
        ),
        "duplicate-address stack.yaml:8:89 192.168.2.1 is already node `a`'s\n"
    );
}

#[test]
fn nodes_without_ranges_are_their_own() {
    let (stack, _) = one_cluster("nodes: {a: {role: server, addresses: [192.168.2.1]}}");
    let ranges: Vec<String> = stack.clusters[0]
        .cluster
        .network
        .node_cidrs
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(ranges, ["192.168.2.1/32"]);
}
