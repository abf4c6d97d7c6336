use crate::{FLUX, findings, stack, stack_file};

/// A platform with a namespace of its own, and one app with these lines.
fn with_app(cluster: &str, app: &str) -> String {
    let platform = format!(
        "clusters:
  c:
    {FLUX}
    labels: {{tier: shop}}
    namespaces:
      platform:
        workloads: {{cache: {{labels: {{app: cache}}, ports: {{redis: 6379}}}}}}
{cluster}"
    );
    let app = format!(
        "apiVersion: ztgit.dev/v1alpha1\nkind: App\nmetadata: {{name: shop}}\nspec:\n{app}"
    );
    let (stack, diagnostics) = stack(&[stack_file(&platform), ("apps/shop.yaml", app)]);
    let flows: Vec<&str> = stack
        .clusters
        .iter()
        .flat_map(|cluster| cluster.cluster.flows.keys())
        .map(String::as_str)
        .collect();
    format!(
        "{}flows: {}\n",
        findings(&stack, &diagnostics),
        flows.join(", ")
    )
}

const NAMESPACES: &str = "  namespaces:
    shop: {workloads: {web: {labels: {app: web}, ports: {http: 8080}}}}
    stock: {workloads: {api: {labels: {app: api}, ports: {http: 8080}}}}
";

#[test]
fn an_app_is_placed_by_name_or_by_label() {
    let flows = "  flows: {inside: {from: shop/web, to: stock/api, port: http}}\n";
    for placement in ["clusters: [c]", "labels: {tier: shop}"] {
        let app = format!("  placement: {{{placement}}}\n{NAMESPACES}{flows}");
        assert_eq!(with_app("", &app), "flows: inside\n");
    }
}

#[test]
fn an_app_that_no_cluster_takes_is_an_error() {
    let app = format!("  placement: {{labels: {{tier: shopp}}}}\n{NAMESPACES}");
    assert_eq!(
        with_app("", &app),
        "app-unplaced apps/shop.yaml:5:3 app `shop` is placed on no cluster\nflows: \n"
    );
}

#[test]
fn a_flow_into_somebody_else_s_namespace_needs_the_owner_s_consent() {
    let app = format!(
        "  placement: {{clusters: [c]}}\n{NAMESPACES}  flows: {{cache: {{from: shop/web, to: platform/cache, port: redis}}}}\n"
    );
    assert_eq!(
        with_app("", &app),
        "app-consent apps/shop.yaml:9:39 namespace `platform` does not accept flows of app `shop`\nflows: cache\n"
    );
    assert_eq!(
        with_app("        accepts: {shop: {}}\n", &app),
        "flows: cache\n"
    );
}

#[test]
fn a_flow_to_the_world_needs_the_stack_s_consent() {
    let app = format!(
        "  placement: {{clusters: [c]}}\n{NAMESPACES}  flows: {{pay: {{from: shop/web, to: {{fqdn: api.stripe.com}}, ports: [443]}}}}\n"
    );
    assert_eq!(
        with_app("", &app),
        "app-consent apps/shop.yaml:9:33 app `shop` may not have a flow with `api.stripe.com`\nflows: pay\n"
    );
    let exposure = "    exposure: {shop: {fqdns: [\"*.stripe.com\"]}}\n";
    assert_eq!(with_app(exposure, &app), "flows: pay\n");
}

#[test]
fn a_flow_between_others_is_not_an_app_s_to_add() {
    let app = format!(
        "  placement: {{clusters: [c]}}\n{NAMESPACES}  flows: {{theirs: {{from: platform/cache, to: {{entity: world}}}}}}\n"
    );
    let found = with_app("    exposure: {shop: {entities: [world]}}\n", &app);
    assert_eq!(
        found,
        "app-consent apps/shop.yaml:9:26 neither end of the flow is in a namespace of app `shop`\nflows: theirs\n"
    );
}

#[test]
fn apps_only_add() {
    let app = "  placement: {clusters: [c]}\n  namespaces: {platform: {mode: observe}}\n";
    assert_eq!(
        with_app("", app),
        "app-conflict apps/shop.yaml:6:16 app `shop` sets `namespaces.platform`, which is set already\nflows: \n"
    );
}
