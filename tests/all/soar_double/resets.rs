//! Connections that break as told: what the client sees, and what is saved.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use kafka_soar::soar_double::{Faults, Mode, SoarDouble};
use kafka_soar_tests::testbed::eventually;
use serde_json::Value;

use super::{Client, container, double, failing, held};

/// A request as bytes.
fn request(body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST /rest/container HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn connect(double: &SoarDouble) -> TcpStream {
    let connection = TcpStream::connect(double.address()).expect("connected");
    let patience = Some(Duration::from_mins(1));
    connection.set_read_timeout(patience).expect("set");
    connection
}

/// Sends a request: what comes back until the end, and how that was.
fn exchange(double: &SoarDouble, body: &Value) -> (Vec<u8>, io::Result<usize>) {
    let mut connection = connect(double);
    connection.write_all(&request(body)).expect("sent");
    let mut got = Vec::new();
    let end = connection.read_to_end(&mut got);
    (got, end)
}

#[test]
fn a_refused_connection_is_reset_before_its_body_comes() {
    let (double, _) = failing(Faults::next([Mode::Refuse]));
    let whole = request(&container("x"));
    let head = whole.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let mut connection = connect(&double);
    connection.write_all(&whole[..head]).unwrap();
    let error = connection.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(held(&double), (0, 0));
}

#[test]
fn a_request_that_is_reset_half_way_saves_nothing() {
    let (double, soar) = failing(Faults::next([Mode::ResetRequest, Mode::ResetRequest]));
    let (got, end) = exchange(&double, &container("x"));
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert!(got.is_empty());
    // Half of the body is needed for the reset, and enough.
    let whole = request(&container("x"));
    let body = container("x").to_string().len();
    let (first, rest) = whole.split_at(whole.len() - body * 3 / 4);
    let mut connection = connect(&double);
    connection.write_all(first).unwrap();
    let soon = Some(Duration::from_millis(200));
    connection.set_read_timeout(soon).unwrap();
    let error = connection.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    connection.write_all(&rest[..body / 4]).unwrap();
    connection
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    let error = connection.read(&mut [0; 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(held(&double), (0, 0));
    assert_eq!(soar.post("/rest/container", &container("x")).0, 200);
}

#[test]
fn an_answer_that_breaks_off_has_saved() {
    let (double, soar) = failing(Faults::next([Mode::ResetResponse, Mode::ResetResponse]));
    let (got, end) = exchange(&double, &container("x"));
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let text = String::from_utf8(got).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    let whole = r#"{"success":true,"id":1,"new_artifact_ids":[1,2]}"#;
    assert!(
        head.contains(&format!("content-length: {}", whole.len())),
        "{head}"
    );
    assert_eq!(body, &whole[..whole.len() / 2]);
    assert!(soar.try_post("/rest/container", &container("y")).is_err());
    assert_eq!(held(&double), (2, 4));
    assert_eq!(soar.get("/rest/version").0, 200);
}

#[test]
fn faults_meet_connections_that_are_kept_as_well() {
    let (double, soar) = double();
    for mode in [Mode::Refuse, Mode::ResetRequest, Mode::ResetResponse] {
        assert_eq!(soar.get("/rest/version").0, 200);
        double.set_faults(Faults::next([mode])).unwrap();
        let answer = soar.try_post("/rest/container", &container(mode.name()));
        assert!(answer.is_err(), "{mode}: {answer:?}");
    }
    assert_eq!(held(&double), (1, 2));
}

#[test]
fn a_closed_listener_refuses_until_the_faults_are_set() {
    let (double, soar) = double();
    assert_eq!(soar.get("/rest/version").0, 200);
    let closed = Faults {
        closed: Duration::MAX,
        ..Faults::default()
    };
    for _ in 0..3 {
        double.set_faults(closed.clone()).unwrap();
        let error = TcpStream::connect(double.address()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        // The connection from before, if it is still used, and a new one.
        for _ in 0..2 {
            assert!(soar.try_post("/rest/container", &container("x")).is_err());
        }
        assert_eq!(held(&double), (0, 0));
        double.set_faults(Faults::default()).unwrap();
        assert_eq!(soar.get("/rest/version").0, 200);
    }
    assert_eq!(soar.post("/rest/container", &container("x")).0, 200);
}

#[test]
fn a_closed_listener_opens_again_by_itself() {
    let (double, soar) = double();
    let body = br#"{"closed_ms": 300}"#;
    assert_eq!(soar.send("PUT", "/double/faults", body).unwrap().0, 200);
    let error = TcpStream::connect(double.address()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    eventually("it listens again", || {
        let fresh = Client::new(&double.url());
        fresh.try_post("/rest/container", &container("x")).ok()
    });
    assert_eq!(held(&double), (1, 2));
}

#[test]
fn a_client_that_hangs_up_in_its_request_saves_nothing() {
    let (double, soar) = double();
    let whole = request(&container("x"));
    let mut connection = connect(&double);
    connection.write_all(&whole[..whole.len() - 1]).unwrap();
    drop(connection);
    // Whoever comes later is served after it, or beside it: both leave it out.
    assert_eq!(soar.post("/rest/container", &container("y")).0, 200);
    assert_eq!(held(&double), (1, 2));
}

#[test]
fn a_body_may_come_in_chunks() {
    let (double, _) = double();
    let body = container("x").to_string();
    let (first, second) = body.split_at(20);
    let mut connection = connect(&double);
    let request = format!(
        "POST /rest/container HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert_eq!(held(&double), (1, 2));
}
