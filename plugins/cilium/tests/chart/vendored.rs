//! The vendored list of values against the chart that it was made of.

use serde_json::json;

use crate::helm::charts;
use crate::homelab;

#[test]
#[ignore = "fetches the chart's module"]
fn every_default_of_the_chart_is_a_value_that_it_takes() {
    for chart in charts() {
        let rendered = homelab(&chart.version)
            .config(json!({"values": chart.defaults()}))
            .render();
        let unread: Vec<_> = rendered
            .0
            .diagnostics
            .iter()
            .filter(|finding| finding.code.ends_with("-value"))
            .collect();
        assert!(unread.is_empty(), "{}: {unread:#?}", chart.version);
    }
}
