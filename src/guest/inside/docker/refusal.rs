//! The answer of a Docker engine that is not there, so that a client prints the reason.

use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// How long a program may take to ask and to read the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest head of a request that is read.
const LONGEST: usize = 64 * 1024;

/// Answers one request with `reason`, whatever it asks.
pub async fn answer(mut program: UnixStream, reason: &str) {
    let said = async {
        // A socket that is closed with something unread in it loses the answer.
        let mut head = Vec::new();
        let mut chunk = [0; 4096];
        while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST {
            match program.read(&mut chunk).await? {
                0 => break,
                count => head.extend_from_slice(&chunk[..count]),
            }
        }
        program.write_all(response(reason).as_bytes()).await?;
        program.shutdown().await?;
        while program.read(&mut chunk).await? > 0 {}
        std::io::Result::Ok(())
    };
    // Whoever hung up does not want to know.
    let _told = timeout(PATIENCE, said).await;
}

fn response(reason: &str) -> String {
    let body = serde_json::json!({ "message": reason }).to_string();
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_is_answered_with_the_reason() {
        let (program, door) = UnixStream::pair().expect("a pair");
        let mut program = program;
        let ask = async {
            program
                .write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n")
                .await?;
            program.shutdown().await?;
            let mut text = String::new();
            program.read_to_string(&mut text).await?;
            std::io::Result::Ok(text)
        };
        let ((), text) = tokio::join!(answer(door, "no \"engine\""), ask);
        let text = text.expect("an answer");
        assert!(text.starts_with("HTTP/1.1 503 "), "{text}");
        assert!(
            text.ends_with("\r\n\r\n{\"message\":\"no \\\"engine\\\"\"}"),
            "{text}"
        );
    }
}
