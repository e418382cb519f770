//! Sends the product's own calls from a native test: the same encoding and decoding as in the
//! browser, over the smallest HTTP client that will do.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use muse_chat::firestore::{Answer, Call, Config, Wire};
use muse_chat::sync::{Request, Response, SpaceId, TransportError};

const TIMEOUT: Duration = Duration::from_secs(20);

/// One space on the emulator, as one device sees it.
#[derive(Clone, Debug)]
pub(crate) struct Host {
    address: String,
    wire: Wire,
    bearer: Option<&'static str>,
}

impl Host {
    /// For a space on the emulator that `FIRESTORE_EMULATOR_HOST` names.
    pub(crate) fn new(space: SpaceId) -> Self {
        let project = std::env::var("MUSE_EMULATOR_PROJECT").unwrap_or_else(|_| "demo-muse".to_owned());
        Self::at(emulator(), &project, space)
    }

    /// For a space of any project, on the emulator or on a proxy before it.
    pub(crate) fn at(address: String, project: &str, space: SpaceId) -> Self {
        let config = Config::new(project, "", &address).expect("a usable emulator address");
        Self { address, wire: Wire::new(config, space), bearer: None }
    }

    /// As an administrator, past the rules.
    pub(crate) fn into_owner(self) -> Self {
        Self { bearer: Some("owner"), ..self }
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// What the browser's client does with a request, blocking.
    pub(crate) fn send(&self, request: &Request) -> Result<Response, TransportError> {
        self.send_and_measure(request).0
    }

    /// The same, with the bytes of both bodies.
    pub(crate) fn send_and_measure(&self, request: &Request) -> (Result<Response, TransportError>, usize) {
        let call = match self.wire.encode(request) {
            Ok(call) => call,
            Err(error) => return (Err(error), 0),
        };
        match self.post(&call, self.bearer) {
            Ok(answer) => (self.wire.decode(request, &answer), call.body.len() + answer.body.len()),
            Err(error) => (Err(TransportError::Unreachable(error.to_string())), call.body.len()),
        }
    }

    /// The call that deletes what is at a path below the head; the head itself for none.
    pub(crate) fn deletion(&self, path: &str) -> Call {
        let call = self.wire.encode(&Request::Head).expect("a call");
        let body: serde_json::Value = serde_json::from_str(&call.body).expect("JSON");
        let name = format!("{}{path}", body["documents"][0].as_str().expect("a name"));
        Call {
            path: call.path.replace("batchGet", "commit"),
            body: serde_json::json!({ "writes": [{ "delete": name }] }).to_string(),
        }
    }

    /// One call, perhaps with a token; `owner` is the emulator's word for an administrator.
    pub(crate) fn post(&self, call: &Call, bearer: Option<&str>) -> io::Result<Answer> {
        let address = self.wire.config().url(&call.path);
        let path = address.split_once(&self.address).map_or("/", |(_, path)| path);
        let token = bearer.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n\
             {token}\r\n",
            self.address,
            call.body.len(),
        );
        let bytes = exchange(&self.address, &[head.as_bytes(), call.body.as_bytes()].concat())?;
        parse(&bytes).ok_or_else(|| io::Error::other("the answer ended early"))
    }
}

/// Where the emulator is.
pub(crate) fn emulator() -> String {
    std::env::var("FIRESTORE_EMULATOR_HOST")
        .expect("FIRESTORE_EMULATOR_HOST names no emulator; scripts/test starts one")
}

/// Puts other rules in force for one project.
pub(crate) fn set_rules(project: &str, rules: &str) {
    let body = serde_json::json!({ "rules": { "files": [{ "name": "firestore.rules", "content": rules }] } });
    let (address, body) = (emulator(), body.to_string());
    let head = format!(
        "PUT /emulator/v1/projects/{project}:securityRules HTTP/1.1\r\nHost: {address}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = exchange(&address, &[head.as_bytes(), body.as_bytes()].concat()).unwrap();
    let answer = parse(&answer).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Sends the bytes of a request and reads those of the answer, as far as they come.
pub(crate) fn exchange(address: &str, request: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(request)?;
    // the emulator leaves the connection open whatever one asks, so the length decides
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let read = stream.read(&mut buffer)?;
        bytes.extend(buffer.iter().take(read));
        if read == 0 || parse(&bytes).is_some() {
            return Ok(bytes);
        }
    }
}

/// The answer, when all of it is there.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(bytes.get(..end)?).ok()?.to_ascii_lowercase();
    let body = bytes.get(end + 4..)?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let header =
        |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim);
    let body = match header("transfer-encoding") {
        Some("chunked") => unchunk(body)?,
        _ => body.get(..header("content-length")?.parse().ok()?)?.to_vec(),
    };
    Some(Answer { status, body: String::from_utf8(body).ok()? })
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..end)?).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 2 + size + 2..)?;
    }
}

#[test]
fn answers_of_both_lengths_are_read() {
    let plain = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    let chunked = b"HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"\xc3\r\n2;x=y\r\n\xbc\"\r\n1\r\n}\r\n0\r\n\r\n";
    assert_eq!(parse(plain), Some(Answer { status: 200, body: "{}".to_owned() }));
    assert_eq!(parse(chunked), Some(Answer { status: 403, body: "{\"ü\"}".to_owned() }));
    // nothing is read from a part; the last line end of the chunks says nothing new
    for whole in [&plain[..], &chunked[..chunked.len() - 2]] {
        (0..whole.len()).for_each(|end| assert_eq!(parse(&whole[..end]), None));
    }
}
