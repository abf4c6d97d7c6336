//! Comparing without a dry-run: by what Flux owns.
//!
//! Whoever changes a field takes it from Flux: by an update always, by an apply
//! where it is forced. So what Flux still owns is as it was applied. Enters: what
//! Flux would apply, the live object, and what Flux owns of it. Leaves: the fields
//! that git has and Flux does not own any more or that have another value, and
//! those that Flux owns and git does not have.

use serde_json::Value;

use super::difference::{Difference, is_compared};
use super::prepared::is_ciphertext;
use super::quantity;
use crate::fields::{FieldSet, Step, is_item, pointer};
use crate::object::segment;

/// Fields of built-in kinds that Flux sends although git does not have them, empty:
/// it reads objects into Go's types, and these are no pointers there.
const ALWAYS_WRITTEN: [&str; 6] = [
    "metadata",
    "resources",
    "spec",
    "strategy",
    "targetPort",
    "updateStrategy",
];

/// All differences.
pub(super) fn differences<'a>(
    desired: &'a Value,
    live: &'a Value,
    flux: &FieldSet,
) -> Vec<Difference<'a>> {
    let mut differences = Vec::new();
    let walk = Walk {
        out: &mut differences,
    };
    walk.all(desired, live, flux);
    differences.extend(beyond(desired, live, flux));
    differences.retain(|difference| is_compared(&difference.pointer));
    differences
}

/// What Flux owns and git does not have.
fn beyond<'a>(desired: &Value, live: &'a Value, flux: &FieldSet) -> Vec<Difference<'a>> {
    let leaves = flux.leaves().into_iter();
    leaves
        .filter(|path| !has(desired, path) && !is_always_written(path))
        .filter_map(|path| {
            let pointer = pointer(live, &path)?;
            let found = live.pointer(&pointer);
            Some(Difference {
                pointer,
                expected: None,
                found,
            })
        })
        .collect()
}

fn is_always_written(path: &[Step]) -> bool {
    matches!(path.last(), Some(Step::Field(name)) if ALWAYS_WRITTEN.contains(&name.as_str()))
}

fn has(desired: &Value, path: &[Step]) -> bool {
    let mut items = desired.as_array().into_iter().flatten();
    let (below, rest) = match path {
        [] => return true,
        [Step::Field(name), rest @ ..] => (desired.get(name), rest),
        [Step::Index(index), rest @ ..] => (desired.get(*index), rest),
        // A key that git leaves out has its default.
        [step @ Step::Key(keys), Step::Field(name)] if keys.contains(&format!("\"{name}\":")) => {
            (items.find(|item| is_of(step, item)), &[][..])
        }
        [step, rest @ ..] => (items.find(|item| is_of(step, item)), rest),
    };
    below.is_some_and(|below| has(below, rest))
}

/// How much of a field Flux owns.
#[derive(Clone, Copy)]
enum Owned<'a> {
    /// All that is in it.
    Whole,
    /// Some of what is in it.
    Partly(&'a FieldSet),
    /// Nothing.
    No,
}

impl Owned<'_> {
    fn below(self, step: &Step) -> Self {
        match self {
            Self::Partly(set) => match set.below(step) {
                Some(below) if below.is_leaf() => Self::Whole,
                Some(below) => Self::Partly(below),
                None => Self::No,
            },
            same => same,
        }
    }
}

struct Walk<'a, 'out> {
    out: &'out mut Vec<Difference<'a>>,
}

impl<'a> Walk<'a, '_> {
    fn all(mut self, desired: &'a Value, live: &'a Value, flux: &FieldSet) {
        self.fields("", desired, live, Owned::Partly(flux));
    }

    fn value(
        &mut self,
        pointer: String,
        desired: &'a Value,
        live: Option<&'a Value>,
        owned: Owned<'_>,
    ) {
        let Some(live) = live else {
            if !is_empty(desired) {
                self.differ(pointer, desired, None);
            }
            return;
        };
        let is_taken = matches!(owned, Owned::No);
        match (desired, live) {
            _ if is_taken => self.differ(pointer, desired, Some(live)),
            (Value::Object(wanted), Value::Object(_)) if !wanted.is_empty() => {
                self.fields(&pointer, desired, live, owned);
            }
            (Value::Array(wanted), Value::Array(_)) if !wanted.is_empty() => {
                self.items(pointer, desired, live, owned);
            }
            _ if is_same(&pointer, desired, live) => {}
            _ => self.differ(pointer, desired, Some(live)),
        }
    }

    fn fields(&mut self, pointer: &str, desired: &'a Value, live: &'a Value, owned: Owned<'_>) {
        for (name, value) in desired.as_object().into_iter().flatten() {
            let owned = owned.below(&Step::Field(name.clone()));
            self.value(
                format!("{pointer}{}", segment(name)),
                value,
                live.get(name),
                owned,
            );
        }
    }

    fn items(&mut self, pointer: String, desired: &'a Value, live: &'a Value, owned: Owned<'_>) {
        let (Some(wanted), Some(found)) = (desired.as_array(), live.as_array()) else {
            return;
        };
        let Owned::Partly(set) = owned else {
            if wanted.len() != found.len() {
                return self.differ(pointer, desired, Some(live));
            }
            for (index, (wanted, found)) in wanted.iter().zip(found).enumerate() {
                self.value(format!("{pointer}/{index}"), wanted, Some(found), owned);
            }
            return;
        };
        for (index, item) in wanted.iter().enumerate() {
            let step = set
                .steps()
                .map(|(step, _)| step)
                .find(|step| is_of(step, item));
            let place =
                step.and_then(|step| crate::fields::pointer(live, std::slice::from_ref(step)));
            let (Some(step), Some(place)) = (step, place) else {
                self.differ(format!("{pointer}/{index}"), item, None);
                continue;
            };
            let owned = owned.below(step);
            self.value(
                format!("{pointer}{place}"),
                item,
                live.pointer(&place),
                owned,
            );
        }
    }

    fn differ(&mut self, pointer: String, desired: &'a Value, live: Option<&'a Value>) {
        self.out.push(Difference {
            pointer,
            expected: Some(desired),
            found: live,
        });
    }
}

/// Whether a step names this item; keys that it leaves out have a default.
fn is_of(step: &Step, item: &Value) -> bool {
    match step {
        Step::Key(keys) => {
            let keys: Value = serde_json::from_str(keys).unwrap_or_default();
            let mut keys = keys.as_object().into_iter().flatten();
            keys.all(|(name, value)| item.get(name).is_none_or(|found| found == value))
        }
        Step::Item(value) => is_item(item, value),
        Step::Field(_) | Step::Index(_) => false,
    }
}

/// What the server may leave out.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn is_same(pointer: &str, desired: &Value, live: &Value) -> bool {
    desired == live
        || is_ciphertext(desired)
        || (desired.is_number() && desired.as_f64() == live.as_f64())
        || (quantity::is_at(pointer) && quantity::are_equal(desired, live))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fields::managers;

    fn pointers(desired: &Value, live: &Value, owned: &Value) -> Vec<String> {
        let object = json!({"metadata": {"managedFields": [
            {"manager": "kustomize-controller", "operation": "Apply", "fieldsV1": owned},
        ]}});
        let set = managers(&object).remove(0).fields;
        let found = differences(desired, live, &set);
        found.into_iter().map(|d| d.pointer).collect()
    }

    #[test]
    fn defaults_and_quantities_are_no_difference() {
        let desired =
            json!({"spec": {"ports": [{"port": 80}], "limits": {"cpu": "1000m"}, "none": {}}});
        let live = json!({"spec": {"ports": [{"port": 80, "protocol": "TCP", "nodePort": 30000}],
            "limits": {"cpu": "1"}, "type": "ClusterIP"}});
        let owned = json!({"f:spec": {
            "f:ports": {"k:{\"port\":80,\"protocol\":\"TCP\"}": {".": {}, "f:port": {}}},
            "f:limits": {"f:cpu": {}},
        }});
        assert!(pointers(&desired, &live, &owned).is_empty());
    }

    #[test]
    fn what_flux_does_not_own_any_more_was_changed() {
        let desired = json!({"spec": {"replicas": 2, "paused": false}});
        let live = json!({"spec": {"replicas": 2, "paused": false}});
        let owned = json!({"f:spec": {"f:paused": {}}});
        assert_eq!(pointers(&desired, &live, &owned), ["/spec/replicas"]);
    }

    #[test]
    fn an_atomic_list_is_compared_as_one() {
        let desired = json!({"spec": {"ingress": [{"from": []}]}});
        let live = json!({"spec": {"ingress": [{"from": []}, {}]}});
        let owned = json!({"f:spec": {"f:ingress": {}}});
        assert_eq!(pointers(&desired, &live, &owned), ["/spec/ingress"]);
    }

    #[test]
    fn an_item_that_is_gone_is_missed() {
        let desired = json!({"spec": {"ports": [{"port": 80}, {"port": 81}]}});
        let live = json!({"spec": {"ports": [{"port": 80}]}});
        let owned = json!({"f:spec": {"f:ports": {"k:{\"port\":80}": {".": {}, "f:port": {}}}}});
        assert_eq!(pointers(&desired, &live, &owned), ["/spec/ports/1"]);
    }

    #[test]
    fn what_flux_owns_and_git_lacks_is_an_addition() {
        let live = json!({"data": {"a": "1", "b": "2"}});
        let owned = json!({"f:data": {"f:a": {}, "f:b": {}}});
        assert_eq!(
            pointers(&json!({"data": {"a": "1"}}), &live, &owned),
            ["/data/b"]
        );
    }
}
