//! The engine's API over its unix socket, with as little as that takes: a connection a request, HTTP by hand.
//! This is the raw side of the comparison, so it must do nothing that a client need not do.

use crate::Result;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// No answer takes longer; a stuck engine ends the run instead of hanging it.
const PATIENCE: Duration = Duration::from_secs(120);

/// An engine.
#[derive(Debug, Clone)]
pub struct Api {
    socket: PathBuf,
}

/// A connection that the engine has handed to a process: what is written is its stdin, what is read its output in
/// frames.
pub struct Hijacked {
    /// Both directions.
    pub stream: BufReader<UnixStream>,
}

struct Head {
    status: u16,
    is_chunked: bool,
}

impl Api {
    /// The engine of `DOCKER_HOST`, or the one at the usual socket.
    pub fn of_environment() -> Result<Self> {
        let host = std::env::var("DOCKER_HOST").unwrap_or_default();
        let socket = match host.strip_prefix("unix://") {
            Some(socket) => socket,
            None if host.is_empty() => "/var/run/docker.sock",
            None => {
                return Err(
                    format!("the raw side wants a unix socket, DOCKER_HOST is {host}").into(),
                );
            }
        };
        Ok(Self {
            socket: socket.into(),
        })
    }

    fn send(
        &self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Result<BufReader<UnixStream>> {
        let mut stream = UnixStream::connect(&self.socket)
            .map_err(|error| format!("no engine at {}: {error}", self.socket.display()))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        Ok(BufReader::new(stream))
    }

    /// One request; `null` where the engine answers without a body. Anything but success is an error.
    pub fn call(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let mut stream = self.send(method, path, "Connection: close\r\n", &body)?;
        let head = read_head(&mut stream)?;
        let mut answer = Vec::new();
        if head.is_chunked {
            while let Some(size) = chunk_size(&mut stream)? {
                let start = answer.len();
                answer.resize(start + size, 0);
                stream.read_exact(&mut answer[start..])?;
                read_line(&mut stream)?;
            }
        } else {
            stream.read_to_end(&mut answer)?;
        }
        if !(200..400).contains(&head.status) {
            let words = String::from_utf8_lossy(&answer);
            return Err(format!("{method} {path}: {} {}", head.status, words.trim()).into());
        }
        Ok(serde_json::from_slice(&answer).unwrap_or_default())
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Result<Value> {
        self.call("GET", path, &Value::Null)
    }

    /// `POST`.
    pub fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, body)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Result<()> {
        self.call("DELETE", path, &Value::Null).map(drop)
    }

    /// Starts an exec in a container and takes over its streams.
    pub fn exec(&self, container: &str, argv: &[&str], has_stdin: bool) -> Result<Hijacked> {
        let exec = serde_json::json!({
            "AttachStdin": has_stdin, "AttachStdout": true, "AttachStderr": true, "Cmd": argv,
        });
        let created = self.post(&format!("/containers/{container}/exec"), &exec)?;
        let path = format!("/exec/{}/start", text(&created, "Id")?);
        let headers = "Connection: Upgrade\r\nUpgrade: tcp\r\n";
        let mut stream = self.send("POST", &path, headers, r#"{"Detach":false,"Tty":false}"#)?;
        let head = read_head(&mut stream)?;
        if head.status != 101 {
            return Err(format!("POST {path}: {} instead of an upgrade", head.status).into());
        }
        Ok(Hijacked { stream })
    }
}

impl Hijacked {
    /// Reads frames to the end and gives the payload of each to `sink`.
    pub fn read(&mut self, mut sink: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut buffer = vec![0; 1 << 20];
        let mut header = [0; 8];
        loop {
            match self.stream.read_exact(&mut header) {
                Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
                outcome => outcome?,
            }
            let [.., a, b, c, d] = header;
            let mut left = u32::from_be_bytes([a, b, c, d]) as usize;
            while left > 0 {
                let part = left.min(buffer.len());
                let count = self.stream.read(&mut buffer[..part])?;
                if count == 0 {
                    return Err("the engine cut the stream inside a frame".into());
                }
                sink(&buffer[..count])?;
                left -= count;
            }
        }
    }
}

/// A string of an answer.
pub fn text<'a>(answer: &'a Value, key: &str) -> Result<&'a str> {
    Ok(answer[key]
        .as_str()
        .ok_or_else(|| format!("the engine's answer has no {key}: {answer}"))?)
}

fn read_line(stream: &mut BufReader<UnixStream>) -> Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line)?;
    Ok(line.trim_end().to_string())
}

fn read_head(stream: &mut BufReader<UnixStream>) -> Result<Head> {
    let first = read_line(stream)?;
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| format!("not an answer of HTTP: {first:?}"))?;
    let mut is_chunked = false;
    loop {
        let line = read_line(stream)?.to_ascii_lowercase();
        if line.is_empty() {
            return Ok(Head { status, is_chunked });
        }
        is_chunked |= line == "transfer-encoding: chunked";
    }
}

/// The size of the next chunk; `None` at the last.
fn chunk_size(stream: &mut BufReader<UnixStream>) -> Result<Option<usize>> {
    let line = read_line(stream)?;
    let size = usize::from_str_radix(&line, 16).map_err(|_| format!("not a chunk: {line:?}"))?;
    Ok((size > 0).then_some(size))
}
