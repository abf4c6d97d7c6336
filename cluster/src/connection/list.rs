//! Lists, page by page.

use kube::core::Request;
use kube::core::params::ListParams;
use serde_json::Value;

use super::Connection;
use super::answer::Refusal;
use crate::obstacle::Obstacle;
use crate::report::Reason;

/// How many objects a page has.
const PAGE: u32 = 250;
/// How often a list is begun anew whose pages are no longer to be had.
const ATTEMPTS: usize = 3;
/// A list with more is not read to its end.
const MOST: usize = 200_000;

impl Connection {
    /// All objects of a collection, or those that a label selector takes.
    ///
    /// The server forgets old states (410 Gone), pages of a list with them: it is
    /// then begun anew.
    pub(crate) async fn list(
        &self,
        collection: &str,
        selector: Option<&str>,
    ) -> Result<Vec<Value>, Obstacle> {
        for _ in 0..ATTEMPTS {
            match self.pages(collection, selector).await {
                Err(Refusal { code: 410, .. }) => {}
                Err(refusal) => return Err(refusal.into_obstacle()),
                Ok(items) => return Ok(items),
            }
        }
        Err(Obstacle::new(
            Reason::ListBroken,
            format!("{collection}: begun {ATTEMPTS} times, the server forgot the rest each time"),
        ))
    }

    async fn pages(&self, collection: &str, selector: Option<&str>) -> Result<Vec<Value>, Refusal> {
        let mut parameters = ListParams::default().limit(PAGE);
        parameters.label_selector = selector.map(str::to_owned);
        let mut all = Vec::new();
        loop {
            let mut page = self
                .send(Request::new(collection).list(&parameters))
                .await?;
            let (kind, items) = taken(collection, &mut page)?;
            all.extend(items.into_iter().map(|item| named(item, &kind)));
            let next = page["metadata"]["continue"].as_str().unwrap_or_default();
            if next.is_empty() {
                return Ok(all);
            }
            if all.len() > MOST || parameters.continue_token.as_deref() == Some(next) {
                let message = format!("{collection}: the list does not end");
                return Err(Refusal::of(Obstacle::new(Reason::ListBroken, message)));
            }
            parameters.continue_token = Some(next.to_owned());
        }
    }
}

/// Version and kind of a page's objects.
struct Kind {
    api_version: Value,
    kind: String,
}

fn taken(collection: &str, page: &mut Value) -> Result<(Kind, Vec<Value>), Refusal> {
    let kind = page["kind"]
        .as_str()
        .and_then(|kind| kind.strip_suffix("List"));
    let kind = kind.map(|kind| Kind {
        api_version: page["apiVersion"].clone(),
        kind: kind.to_owned(),
    });
    match (kind, page["items"].take()) {
        (Some(kind), Value::Array(items)) => Ok((kind, items)),
        // As Go writes an empty list.
        (Some(kind), Value::Null) => Ok((kind, Vec::new())),
        _ => {
            let message = format!("{collection}: the answer is not a list");
            Err(Refusal::of(Obstacle::new(Reason::Malformed, message)))
        }
    }
}

/// Items of a list do without version and kind.
fn named(mut item: Value, kind: &Kind) -> Value {
    if let Value::Object(fields) = &mut item {
        fields
            .entry("apiVersion")
            .or_insert_with(|| kind.api_version.clone());
        fields
            .entry("kind")
            .or_insert_with(|| kind.kind.clone().into());
    }
    item
}
