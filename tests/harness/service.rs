//! A running service, ended with the test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crate::{Place, plumbline};

/// Only a service that hangs takes this long; a replay of the demo on a busy machine takes minutes.
const PATIENCE: Duration = Duration::from_secs(240);

/// A process of the binary that serves or works until it is ended.
#[derive(Debug)]
pub struct Service {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
    /// What it logged until it was ready.
    pub log: Vec<String>,
}

impl Service {
    /// Starts `plumbline ROLE …` on a place; returns when it says that it listens or works.
    ///
    /// # Panics
    /// When it ends instead, or says nothing for minutes.
    #[must_use]
    pub fn start(place: &Place, role: &str, arguments: &[&str]) -> Self {
        let mut command = plumbline(&[role]);
        command.args(arguments).args(place.flags());
        if role != "worker" {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        let mut service = Self {
            child,
            stdout,
            stderr,
            log: Vec::new(),
        };
        service.wait_for_log(if role == "worker" {
            "working"
        } else {
            "listening on "
        });
        service
    }

    fn wait_for_log(&mut self, mark: &str) {
        loop {
            match self.stderr.recv_timeout(PATIENCE) {
                Ok(line) => {
                    let found = line.contains(mark);
                    self.log.push(line);
                    if found {
                        return;
                    }
                }
                Err(error) => panic!("it never said `{mark}` ({error}):\n{}", self.log.join("\n")),
            }
        }
    }

    /// Where it listens: `http://127.0.0.1:PORT`.
    ///
    /// # Panics
    /// When it does not.
    #[must_use]
    pub fn origin(&self) -> String {
        let address = self.log.iter().find_map(|line| {
            let (_, behind) = line.split_once("listening on ")?;
            behind.split_whitespace().next()
        });
        format!("http://{}", address.unwrap())
    }

    /// The next line on standard output.
    ///
    /// # Panics
    /// When there is none for minutes.
    #[must_use]
    pub fn printed(&self) -> String {
        self.stdout.recv_timeout(PATIENCE).unwrap()
    }

    /// Ends it at once, as a power cut would.
    ///
    /// # Panics
    /// When it cannot be ended.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, and gives what it printed on standard output and how it ended.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn end(mut self) -> (Vec<String>, ExitStatus) {
        let id = self.child.id().to_string();
        let asked = std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap();
        assert!(asked.success());
        let status = self.child.wait().unwrap();
        (self.stdout.iter().collect(), status)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A failed test shows what the service said: causes stand in its log alone.
        if std::thread::panicking() {
            for line in self.log.iter().cloned().chain(self.stderr.iter()) {
                eprintln!("the service: {line}");
            }
        }
    }
}

/// Reads lines as they come, so that the process never waits for its reader.
fn lines(from: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver): (Sender<String>, _) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
