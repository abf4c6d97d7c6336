//! Where a component's interface differs from the one that this host speaks.
//!
//! wasmtime says that two types differ; an author has to know which field of
//! which record. The walk stands here because both sides are wasmtime's types
//! already: a library for it would bring a second parser of components along.

use std::fmt::Write as _;

use wasmtime::component::Component;
use wasmtime::component::types::{ComponentFunc, ComponentInstance, ComponentItem, Type};

use super::error::escaped;

/// The first difference between what `found` exports under a name and what
/// `wanted` does; nothing where there is none.
pub(super) fn difference(found: &Component, wanted: &Component, interface: &str) -> Option<String> {
    let (host, guest) = (wanted.engine(), found.engine());
    let found = exported(found, interface)?;
    let wanted = exported(wanted, interface)?;
    let text = wanted.exports(host).find_map(|(name, item)| {
        let ComponentItem::ComponentFunc(wanted) = item.ty else {
            return None;
        };
        match found.get_export(guest, name).map(|item| item.ty) {
            Some(ComponentItem::ComponentFunc(found)) => in_function(name, &found, &wanted),
            _ => Some(format!("it has no function `{name}`")),
        }
    });
    text.map(|text| escaped(&text))
}

fn exported(component: &Component, name: &str) -> Option<ComponentInstance> {
    let ty = component.component_type();
    match ty.get_export(component.engine(), name)?.ty {
        ComponentItem::ComponentInstance(instance) => Some(instance),
        _ => None,
    }
}

fn in_function(name: &str, found: &ComponentFunc, wanted: &ComponentFunc) -> Option<String> {
    if found.async_() != wanted.async_() {
        return Some(format!("`{name}` is asynchronous"));
    }
    let parameters = |function: &ComponentFunc| {
        function
            .params()
            .map(|(name, ty)| (name.to_owned(), Some(ty)))
            .collect::<Vec<_>>()
    };
    let results = |function: &ComponentFunc| {
        function
            .results()
            .map(|ty| ("result".to_owned(), Some(ty)))
            .collect::<Vec<_>>()
    };
    let place = format!("`{name}`");
    members(&place, "parameter", &parameters(found), &parameters(wanted))
        .or_else(|| members(&place, "result", &results(found), &results(wanted)))
}

type Members = [(String, Option<Type>)];

/// Compares the members of two types, which must be the same in the same order.
fn members(place: &str, what: &str, found: &Members, wanted: &Members) -> Option<String> {
    let names = |members: &Members| members.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>();
    let (have, want) = (names(found), names(wanted));
    if have != want {
        return Some(other_names(place, what, &have, &want));
    }
    found
        .iter()
        .zip(wanted)
        .find_map(|((name, found), (_, wanted))| {
            let place = format!("{place}, {what} `{name}`");
            match (found, wanted) {
                (Some(found), Some(wanted)) => in_type(&place, found, wanted),
                (None, None) => None,
                (Some(_), None) => Some(format!("{place}: it carries a value")),
                (None, Some(_)) => Some(format!("{place}: it carries no value")),
            }
        })
}

fn other_names(place: &str, what: &str, found: &[String], wanted: &[String]) -> String {
    let beyond = |these: &[String], those: &[String]| {
        let names: Vec<String> = these
            .iter()
            .filter(|name| !those.contains(name))
            .map(|name| format!("`{name}`"))
            .collect();
        names.join(", ")
    };
    let mut text = format!("{place}:");
    let (missing, unknown) = (beyond(wanted, found), beyond(found, wanted));
    match (missing.is_empty(), unknown.is_empty()) {
        (true, true) => {
            let _ = write!(text, " its {what}s are in another order");
        }
        (missing_none, unknown_none) => {
            if !missing_none {
                let _ = write!(text, " {what} {missing} is missing");
            }
            if !unknown_none {
                let and = if missing_none { "" } else { " and" };
                let _ = write!(text, "{and} {what} {unknown} is not in the interface");
            }
        }
    }
    text
}

fn in_type(place: &str, found: &Type, wanted: &Type) -> Option<String> {
    match (found, wanted) {
        (Type::List(found), Type::List(wanted)) => {
            in_type(&format!("{place}, each"), &found.ty(), &wanted.ty())
        }
        (Type::Option(found), Type::Option(wanted)) => in_type(place, &found.ty(), &wanted.ty()),
        (Type::Record(found), Type::Record(wanted)) => {
            let fields = |record: &wasmtime::component::types::Record| {
                record
                    .fields()
                    .map(|field| (field.name.to_owned(), Some(field.ty)))
                    .collect::<Vec<_>>()
            };
            members(place, "field", &fields(found), &fields(wanted))
        }
        (Type::Variant(found), Type::Variant(wanted)) => {
            let cases = |variant: &wasmtime::component::types::Variant| {
                variant
                    .cases()
                    .map(|case| (case.name.to_owned(), case.ty))
                    .collect::<Vec<_>>()
            };
            members(place, "case", &cases(found), &cases(wanted))
        }
        (Type::Enum(found), Type::Enum(wanted)) => {
            let names = |names: &wasmtime::component::types::Enum| {
                names
                    .names()
                    .map(|name| (name.to_owned(), None))
                    .collect::<Vec<_>>()
            };
            members(place, "case", &names(found), &names(wanted))
        }
        (found, wanted) if std::mem::discriminant(found) == std::mem::discriminant(wanted) => None,
        (found, wanted) => Some(format!(
            "{place}: it is {}, not {}",
            kind(found),
            kind(wanted)
        )),
    }
}

/// The WIT's word for a type of this host's interface.
fn kind(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::String => "string",
        Type::List(_) => "a list",
        Type::Record(_) => "a record",
        Type::Variant(_) => "a variant",
        Type::Enum(_) => "an enum",
        Type::Option(_) => "an option",
        Type::Result(_) => "a result",
        Type::Tuple(_) => "a tuple",
        _ => "of another type",
    }
}
