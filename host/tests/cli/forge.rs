//! A server that stands for a forge's: it takes what is sent and answers what it
//! was told to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Method and path.
    pub(crate) line: String,
    /// What was sent along.
    pub(crate) body: String,
}

/// A running server; it ends with the process.
pub(crate) struct Forge {
    url: String,
    state: Arc<Mutex<State>>,
}

struct State {
    requests: Vec<Request>,
    answer: Value,
}

impl Forge {
    /// Starts one that answers with an empty list.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State {
            requests: Vec::new(),
            answer: json!([]),
        }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &shared);
            }
        });
        Self { url, state }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Answers with this from now on.
    pub(crate) fn answer(&self, answer: &Value) {
        self.state.lock().unwrap().answer = answer.clone();
    }

    /// What came since the last time.
    pub(crate) fn take(&self) -> Vec<Request> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        match header.trim_end().split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap();
            }
            // A client that asks first whether it may send.
            Some((name, _)) if name.eq_ignore_ascii_case("expect") => {
                let stream = reader.get_mut();
                stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").unwrap();
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let line = line.rsplit_once(' ').unwrap().0.to_owned();
    let body = String::from_utf8(body).unwrap();
    let mut state = state.lock().unwrap();
    state.requests.push(Request { line, body });
    let answer = state.answer.to_string();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        answer.len()
    );
    let stream = reader.get_mut();
    stream.write_all((head + &answer).as_bytes()).unwrap();
}
