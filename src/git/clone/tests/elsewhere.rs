//! Servers that lead git to another server, which must not hear of it.

use super::*;

/// A server that gives everybody this answer to everything.
fn server(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a client");
            let mut request = [0; 4096];
            let size = stream.read(&mut request).unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..size]).to_string();
            let path = request.split(' ').nth(1).unwrap_or_default();
            let _gone = stream.write_all(answer(path).as_bytes());
        }
    });
    url
}

/// Another server, and whether anybody came.
fn private() -> (String, impl Fn() -> bool) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("no waiting");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (url, move || listener.accept().is_ok())
}

#[tokio::test]
async fn a_redirection_is_told_and_not_followed() {
    for code in [301, 302, 303, 307, 308] {
        let (elsewhere, has_come) = private();
        let url = server(move |path| {
            format!(
                "HTTP/1.1 {code} Go\r\nLocation: {elsewhere}{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        });
        let error = cloned(&format!("{url}/x"), Some("main")).await;
        assert!(
            matches!(error, Err(CloneError::Redirected { .. })),
            "{code}: {error:?}"
        );
        assert!(!has_come(), "{code}");
    }
}

/// What is sent later may be led elsewhere as well: the first answer is that of a repository.
#[tokio::test]
async fn a_redirection_of_a_later_request_is_not_followed() {
    let (elsewhere, has_come) = private();
    let url = server(move |path| {
        if !path.contains("info/refs") {
            return format!(
                "HTTP/1.1 307 Go\r\nLocation: {elsewhere}{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
        }
        let id = "1".repeat(40);
        let refs = [
            line("# service=git-upload-pack\n"),
            b"0000".to_vec(),
            line(&format!("{id} HEAD\0shallow\n")),
            line(&format!("{id} refs/heads/main\n")),
            b"0000".to_vec(),
        ]
        .concat();
        let refs = String::from_utf8(refs).expect("text");
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{refs}",
            refs.len()
        )
    });
    let error = cloned(&format!("{url}/x"), None).await;
    assert!(
        matches!(error, Err(CloneError::Redirected { .. })),
        "{error:?}"
    );
    assert!(!has_come());
}

/// The dumb protocol has a file that names other places of the same objects. It knows no depth, so git
/// gets as far as the references.
#[tokio::test]
async fn the_alternates_of_a_server_without_gits_own_protocol_are_not_asked() {
    let id = "1".repeat(40);
    for reference in [None, Some("main"), Some(id.as_str())] {
        let (elsewhere, has_come) = private();
        let id = id.clone();
        let url = server(move |path| {
            let body = match path.rsplit('/').next() {
                Some(name) if name.starts_with("refs") => format!("{id}\trefs/heads/main\n"),
                Some("HEAD") => "ref: refs/heads/main\n".to_string(),
                Some("http-alternates" | "alternates") => format!("{elsewhere}/objects/\n"),
                _ => {
                    return "HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                        .into();
                }
            };
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            )
        });
        let error = cloned(&format!("{url}/x"), reference).await;
        let Err(CloneError::Failed { words, .. }) = error else {
            panic!("{reference:?}: {error:?}");
        };
        assert!(words.contains("dumb http"), "{reference:?}: {words}");
        assert!(!has_come(), "{reference:?}");
    }
}
