//! An HTTP server that answers as a test wants it, also in ways in which no
//! server should: on the loopback interface, a thread for each connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// What a client asks for.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
}

/// What it gets.
pub(crate) enum Answer {
    /// A status and a document.
    Json(u16, Value),
    /// What is no document.
    Text(String),
    /// A document, one byte a second.
    Drip(Value),
    /// Half of what the length promises, then the connection ends.
    Half(Value),
    /// A document that never ends.
    Endless,
    /// Nothing at all, for as long as the client waits.
    Silence,
}

/// A running server; its threads end with the test's process.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                // A client that hangs up is what most of these tests are about.
                thread::spawn(move || serve(&stream?, &seen, &*answer));
            }
        });
        Self { address, requests }
    }

    /// What was asked for so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(
    stream: &TcpStream,
    seen: &Mutex<Vec<Request>>,
    answer: &dyn Fn(&Request) -> Answer,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    while let Some(request) = read(&mut reader)? {
        seen.lock().unwrap().push(request.clone());
        write(stream, answer(&request))?;
    }
    Ok(())
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (path, query) = (path.to_owned(), query.to_owned());
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or_default();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Request {
        method,
        path,
        query,
    }))
}

fn write(mut stream: &TcpStream, answer: Answer) -> std::io::Result<()> {
    match answer {
        Answer::Json(status, document) => {
            let body = document.to_string();
            stream.write_all(head(status, body.len()).as_bytes())?;
            stream.write_all(body.as_bytes())
        }
        Answer::Text(text) => {
            stream.write_all(head(200, text.len()).as_bytes())?;
            stream.write_all(text.as_bytes())
        }
        Answer::Drip(document) => {
            let body = document.to_string();
            stream.write_all(head(200, body.len()).as_bytes())?;
            for byte in body.bytes() {
                stream.write_all(&[byte])?;
                thread::sleep(Duration::from_secs(1));
            }
            Ok(())
        }
        Answer::Half(document) => {
            let body = document.to_string();
            stream.write_all(head(200, body.len()).as_bytes())?;
            stream.write_all(&body.as_bytes()[..body.len() / 2])?;
            stream.shutdown(std::net::Shutdown::Both)
        }
        Answer::Endless => {
            let chunked = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                           transfer-encoding: chunked\r\n\r\n";
            stream.write_all(chunked.as_bytes())?;
            let text = format!("{{\"padding\":\"{}", "a".repeat(1 << 20));
            loop {
                write!(stream, "{:x}\r\n{text}\r\n", text.len())?;
            }
        }
        Answer::Silence => {
            thread::sleep(Duration::from_hours(1));
            Ok(())
        }
    }
}

fn head(status: u16, length: usize) -> String {
    format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    )
}
