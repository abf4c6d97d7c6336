//! What an answer of the API server means.

use std::error::Error;
use std::time::Duration;

use http::StatusCode;
use http::header::RETRY_AFTER;
use http::response::Parts;
use http_body_util::LengthLimitError;
use serde_json::Value;

use crate::obstacle::Obstacle;
use crate::report::Reason;

/// Longer messages are cut: they are printed, and servers may say anything.
const LONGEST_MESSAGE: usize = 2_000;

/// No result, and why.
#[derive(Debug)]
pub(super) struct Refusal {
    obstacle: Obstacle,
    /// The HTTP status; 0 where there was no answer.
    pub(super) code: u16,
    /// Whether it is the API that says so: a path that is not served at all is
    /// answered with plain text.
    pub(super) is_of_api: bool,
    /// How long to wait before asking again, where that makes sense.
    pub(super) retry: Option<Duration>,
}

impl Refusal {
    /// Without an answer.
    pub(super) fn of(obstacle: Obstacle) -> Self {
        Self {
            obstacle,
            code: 0,
            is_of_api: false,
            retry: None,
        }
    }

    pub(super) fn into_obstacle(self) -> Obstacle {
        self.obstacle
    }

    /// The same for a dry-run, which needs a permission that not everybody has.
    pub(super) fn into_obstacle_of_patch(self) -> Obstacle {
        let mut obstacle = self.obstacle;
        if obstacle.reason == Reason::Forbidden {
            obstacle
                .message
                .push_str("; the dry-run needs the verb patch, the read-only mode does without");
        }
        obstacle
    }
}

/// JSON of a success; what is to be made of anything else.
pub(super) fn read(head: &Parts, body: &[u8]) -> Result<Value, Refusal> {
    let json: Result<Value, _> = serde_json::from_slice(body);
    if head.status.is_success() {
        return json.map_err(|error| {
            Refusal::of(Obstacle::new(
                Reason::Malformed,
                format!("the answer is not JSON: {error}"),
            ))
        });
    }
    let status = json.ok().filter(|json| json["kind"] == "Status");
    let message = status
        .as_ref()
        .and_then(|status| status["message"].as_str())
        .map_or_else(|| head.status.to_string(), shortened);
    Err(Refusal {
        obstacle: Obstacle::new(reason(head.status), message),
        code: head.status.as_u16(),
        is_of_api: status.is_some(),
        retry: pause(head),
    })
}

fn reason(code: StatusCode) -> Reason {
    match code {
        StatusCode::UNAUTHORIZED => Reason::Unauthorized,
        StatusCode::FORBIDDEN => Reason::Forbidden,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Reason::KindNotServed,
        StatusCode::CONFLICT => Reason::Conflict,
        StatusCode::GONE => Reason::ListBroken,
        code if code.is_client_error() => Reason::Refused,
        code if code.is_server_error() => Reason::ServerError,
        _ => Reason::Malformed,
    }
}

fn pause(head: &Parts) -> Option<Duration> {
    let is_busy = matches!(
        head.status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    );
    let asked = head.headers.get(RETRY_AFTER);
    let seconds = asked
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    is_busy.then_some(Duration::from_secs(seconds))
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

/// There is no answer at all.
pub(super) fn of_connection(error: &kube::Error) -> Obstacle {
    let reason = match error {
        kube::Error::Auth(_) => Reason::Unauthorized,
        _ => Reason::Unreachable,
    };
    Obstacle::because(reason, error)
}

/// An answer began and did not end.
pub(super) fn of_body(error: &(dyn Error + Send + Sync + 'static)) -> Obstacle {
    if error.is::<LengthLimitError>() {
        return Obstacle::new(Reason::TooLarge, "the answer is larger than what is read");
    }
    let cause = Obstacle::because(Reason::Unreachable, error);
    Obstacle::new(
        Reason::Unreachable,
        format!("the answer ended too early: {}", cause.message),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(code: u16, retry: &str) -> Parts {
        let response = http::Response::builder()
            .status(code)
            .header(RETRY_AFTER, retry);
        response.body(()).unwrap().into_parts().0
    }

    #[test]
    fn half_a_success_is_none() {
        let refusal = read(&head(200, ""), br#"{"items": ["#).unwrap_err();
        assert_eq!(refusal.into_obstacle().reason, Reason::Malformed);
    }

    #[test]
    fn text_of_a_proxy_is_not_repeated() {
        let refusal = read(&head(502, ""), b"<html>password</html>").unwrap_err();
        let obstacle = refusal.into_obstacle();
        assert_eq!(obstacle.reason, Reason::ServerError);
        assert_eq!(obstacle.message, "502 Bad Gateway");
    }

    #[test]
    fn a_missing_object_is_told_from_a_missing_kind() {
        let object = br#"{"kind": "Status", "reason": "NotFound", "message": "x"}"#;
        assert!(read(&head(404, ""), object).unwrap_err().is_of_api);
        let path = b"404 page not found";
        assert!(!read(&head(404, ""), path).unwrap_err().is_of_api);
    }

    #[test]
    fn a_busy_server_says_when_to_come_back() {
        let refusal = read(&head(429, "3"), b"").unwrap_err();
        assert_eq!(refusal.retry, Some(Duration::from_secs(3)));
        assert_eq!(read(&head(500, "3"), b"").unwrap_err().retry, None);
    }
}
