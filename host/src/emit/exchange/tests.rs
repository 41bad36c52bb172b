use std::{
    io::{BufReader, Cursor, Write},
    sync::{
        Mutex,
        atomic::Ordering,
        mpsc::{self, Sender},
    },
};

use super::*;
use crate::emit::tests::parsed;

/// What was written, for a look at it afterwards.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

fn exchange(acks: &'static str) -> (Exchange, Written, Arc<AtomicBool>) {
    let (written, gone) = (Written::default(), Arc::new(AtomicBool::new(false)));
    let exchange = Exchange::start(Cursor::new(acks), written.clone(), gone.clone());
    (exchange, written, gone)
}

fn deliver(exchange: &mut Exchange, begun: bool) -> Result<Vec<Rejection>, DeliverError> {
    let parsed = parsed(&[("{\"n\":1.10}", &["{\n}"]), ("{}", &[])]);
    Deliver::deliver(exchange, &Batch::new("t"), &parsed, begun)
}

#[test]
fn containers_are_delivered_once_acknowledged() {
    let (mut exchange, written, _) = exchange("{\"ack\":2}\n{\"ack\":1}\n");
    deliver(&mut exchange, false).unwrap();
    assert_eq!(
        written.text(),
        "{\"type\":\"container\",\"id\":1,\"container\":{\"n\":1.10},\"artifacts\":[{}]}\n\
         {\"type\":\"container\",\"id\":2,\"container\":{},\"artifacts\":[]}\n"
    );
}

#[test]
fn what_an_earlier_process_may_have_delivered_is_marked() {
    let (mut exchange, written, _) = exchange("{\"ack_through\":2}\n");
    deliver(&mut exchange, true).unwrap();
    assert_eq!(written.text().matches(",\"again\":true,").count(), 2);
}

#[test]
fn a_failure_is_in_the_others_words() {
    let (mut exchange, _, _) = exchange("{\"ack\":1,\"failed\":\"no such label\"}\n");
    let error = deliver(&mut exchange, false).unwrap_err();
    assert_eq!(error.message, "no such label");
    assert!(!exchange.is_closed());
}

#[test]
fn the_end_of_the_acknowledgements_is_the_end() {
    let (mut exchange, _, gone) = exchange("{\"ack\":1}\n");
    assert!(deliver(&mut exchange, false).is_err());
    assert!(exchange.is_closed() && gone.load(Ordering::Relaxed));
    assert_eq!(exchange.state("{}"), Err(ExchangeError::Closed));
}

#[test]
fn a_line_that_cant_be_understood_is_no_acknowledgement() {
    for bad in ["what\n", "{\"ack\":7}\n", "{\"ack\":1}\n{\"ack\":1}\n"] {
        let (mut exchange, _, _) = exchange(bad);
        let error = deliver(&mut exchange, false).unwrap_err();
        assert!(error.message.contains("can't be understood"), "{error}");
    }
}

#[test]
fn a_state_is_kept_once_acknowledged_and_is_in_the_result() {
    let (exchange, written, _) = exchange("{\"ack\":1}\n{\"ack\":2,\"failed\":\"disk full\"}\n");
    exchange.state("{\n  \"t\": {\"0\": 10}\n}\n").unwrap();
    assert_eq!(
        exchange.state("{}"),
        Err(ExchangeError::Failed("disk full".into()))
    );
    let reply = Reply {
        status: "success",
        message: "m".into(),
        remedy: None,
        data: json!([]),
        summary: json!({}),
    };
    exchange.result(&reply).unwrap();
    let text = written.text();
    assert_eq!(
        text.lines().last().unwrap(),
        "{\"type\":\"result\",\"status\":\"success\",\"message\":\"m\",\"data\":[],\
         \"summary\":{},\"state\":{  \"t\": {\"0\": 10}}}"
    );
}

/// An end of acknowledgements that a test writes when it wants to.
struct Wire(Receiver<Vec<u8>>);

impl io::Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.recv() {
            Ok(bytes) => {
                buffer[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Err(_) => Ok(0),
        }
    }
}

/// Acknowledges each line some time after it was written, and notes how much was not.
struct Slow {
    acks: Sender<Vec<u8>>,
    lines: u64,
    bytes: usize,
    unread: Arc<Mutex<Vec<usize>>>,
}

impl Write for Slow {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.lines += 1;
        self.bytes += line.len();
        self.unread.lock().unwrap().push(self.bytes);
        let (acks, id, length) = (self.acks.clone(), self.lines, line.len());
        std::thread::sleep(std::time::Duration::from_millis(1));
        self.bytes -= length;
        let _ = acks.send(format!("{{\"ack\":{id}}}\n").into_bytes());
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_that_acknowledges_as_it_goes_gets_everything() {
    let (acks, wire) = mpsc::channel();
    let unread = Arc::default();
    let slow = Slow {
        acks,
        lines: 0,
        bytes: 0,
        unread: Arc::clone(&unread),
    };
    let mut exchange = Exchange::start(BufReader::new(Wire(wire)), slow, Arc::default());
    let artifact = format!("{{\"a\":\"{}\"}}", "x".repeat(3 << 20));
    let artifacts = [artifact.as_str()];
    let containers = vec![("{}", &artifacts[..]); 8];
    let parsed = parsed(&containers);
    Deliver::deliver(&mut exchange, &Batch::new("t"), &parsed, false).unwrap();
    assert_eq!(unread.lock().unwrap().len(), 8);
}
