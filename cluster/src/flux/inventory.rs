//! Entries of an inventory: `<namespace>_<name>_<group>_<kind>`, the colons of
//! RBAC names as two underscores.

use crate::report::ObjectRef;

/// The object that an entry stands for.
pub(super) fn parse(id: &str) -> Option<ObjectRef> {
    let (namespace, rest) = id.split_once('_')?;
    let (rest, kind) = rest.rsplit_once('_')?;
    let (name, group) = rest.rsplit_once('_')?;
    let is_complete = !name.is_empty() && !kind.is_empty();
    is_complete.then(|| ObjectRef {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: (!namespace.is_empty()).then(|| namespace.to_owned()),
        name: name.replace("__", ":"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(id: &str) -> Option<String> {
        parse(id).map(|object| object.to_string())
    }

    #[test]
    fn an_entry_is_an_object() {
        assert_eq!(
            shown("demo_api_apps_Deployment").unwrap(),
            "Deployment.apps demo/api"
        );
        assert_eq!(shown("_demo__Namespace").unwrap(), "Namespace demo");
        let role = "_system__node__reader_rbac.authorization.k8s.io_ClusterRole";
        assert_eq!(
            shown(role).unwrap(),
            "ClusterRole.rbac.authorization.k8s.io system:node:reader"
        );
    }

    #[test]
    fn half_an_entry_is_none() {
        assert_eq!(shown("demo_api"), None);
        assert_eq!(shown(""), None);
    }
}
