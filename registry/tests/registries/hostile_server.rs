//! A server that answers whatever a test says, byte by byte, and remembers what
//! it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request's first line and its headers, as they came, and what followed them.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn has_credentials(&self) -> bool {
        self.head.to_ascii_lowercase().contains("authorization:")
    }
}

pub(crate) struct HostileServer {
    pub(crate) host: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl HostileServer {
    /// `answer` makes all bytes of an answer from what is asked. The thread ends
    /// with the test's process.
    pub(crate) fn start(answer: impl Fn(&Asked) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let remembered = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &answer, &remembered);
            }
        });
        Self { host, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answer: &impl Fn(&Asked) -> Vec<u8>, asked: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader
            .by_ref()
            .take(1 << 16)
            .read_line(&mut head)
            .unwrap_or(0)
            == 0
        {
            return;
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut body = String::new();
    let length = content_length(&head);
    let _ = reader.take(length).read_to_string(&mut body);
    let request = Asked { path, head, body };
    asked.lock().unwrap().push(request.clone());
    // A client that has seen enough hangs up.
    let _ = stream.write_all(&answer(&request));
}

/// Bytes of what follows the headers; of an upload nobody wants to see them.
fn content_length(head: &str) -> u64 {
    let is_form = head.contains("application/x-www-form-urlencoded");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.parse().ok());
    length.filter(|_| is_form).unwrap_or(0)
}

/// An answer with its right length.
pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}
