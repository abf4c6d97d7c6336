//! YAML of a file.

use serde_json::Value;

/// Its documents; none where it is no YAML.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap_or_default()
}

/// The texts of a list, or the one text that stands for it.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match value {
        Value::Array(items) => items.iter().filter_map(one).collect(),
        other => one(other).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_document_is_read() {
        let text = "# a comment\nsource: file\n---\nsource: journalctl\n";
        assert_eq!(
            documents(text),
            [json!({"source": "file"}), json!({"source": "journalctl"})]
        );
    }

    #[test]
    fn a_list_may_be_one_text() {
        assert_eq!(texts(&json!("traefik")), ["traefik"]);
        assert_eq!(texts(&json!(["a", "b"])), ["a", "b"]);
        assert_eq!(texts(&Value::Null), [""; 0]);
    }
}
