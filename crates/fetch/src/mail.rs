//! Letters: one text to a few people, through the mail server that the operator named.

use std::fmt;
use std::time::{Duration, SystemTime};

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use url::Url;

/// The longest that one command of the conversation may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest that all of it may take.
const ALL_PATIENCE: Duration = Duration::from_secs(30);
/// People that one letter goes to.
const MOST_PEOPLE: usize = 20;

/// How a mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Security {
    /// TLS from the first byte: `smtps://HOST`, port 465.
    Tls,
    /// Plain at first, and TLS before anything is said: `smtp+starttls://HOST`, port 587.
    StartTls,
    /// Never: `smtp://HOST`, port 25, for a server on the same machine or network.
    Plain,
}

/// A mail server, and in whose name letters are sent.
#[derive(Clone, PartialEq, Eq)]
pub struct MailServer {
    security: Security,
    host: String,
    port: Option<u16>,
    from: Mailbox,
    login: Option<(String, String)>,
}

/// The password is not shown.
impl fmt::Debug for MailServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailServer")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

/// A letter.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// Addresses with commas between them.
    pub to: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    /// The same for the same letter, so that mail programs show it once.
    pub id: &'a str,
    pub at: SystemTime,
}

/// Why a letter was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct NotTaken {
    pub what: String,
    /// Whether a later try may help.
    pub may_retry: bool,
}

impl NotTaken {
    fn for_good(what: impl fmt::Display) -> Self {
        Self {
            what: what.to_string(),
            may_retry: false,
        }
    }
}

/// Whether these are addresses of people that letters can be sent to, with commas between them.
#[must_use]
pub fn are_addresses(text: &str) -> bool {
    people(text).is_ok()
}

fn people(text: &str) -> Result<Vec<Mailbox>, NotTaken> {
    let people: Result<Vec<Mailbox>, _> = text.split(',').map(|one| one.trim().parse()).collect();
    match people {
        Ok(people) if people.len() <= MOST_PEOPLE => Ok(people),
        Ok(_) => Err(NotTaken::for_good(format!("more than {MOST_PEOPLE} addresses"))),
        Err(error) => Err(NotTaken::for_good(format!("an address is none: {error}"))),
    }
}

impl MailServer {
    /// The server at `smtps://HOST`, `smtp+starttls://HOST` or `smtp://HOST`, with a port where it is not the usual one.
    ///
    /// # Errors
    /// What is wrong with the server's address or the sender's, in words.
    pub fn new(server: &Url, from: &str, login: Option<(String, String)>) -> Result<Self, String> {
        let security = match server.scheme() {
            "smtps" => Security::Tls,
            "smtp+starttls" => Security::StartTls,
            "smtp" => Security::Plain,
            _ => return Err("is none of smtps, smtp+starttls and smtp".to_owned()),
        };
        let host = server.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or("has no host")?;
        let from = from
            .parse::<Mailbox>()
            .map_err(|error| format!("has a sender that is no address: {error}"))?;
        Ok(Self {
            security,
            host: host.to_owned(),
            port: server.port(),
            from,
            login,
        })
    }

    /// Hands a letter to the server.
    ///
    /// # Errors
    /// When the server cannot be reached or says no.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), NotTaken> {
        let message = self.message(letter)?;
        let transport = self.transport()?;
        let sent = tokio::time::timeout(ALL_PATIENCE, transport.send(message)).await;
        match sent {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(NotTaken {
                what: format!("{}: {}", self.host, causes(&error)),
                may_retry: !error.is_permanent(),
            }),
            Err(_) => Err(NotTaken {
                what: format!("{}: no answer within the time limit", self.host),
                may_retry: true,
            }),
        }
    }

    fn message(&self, letter: &Letter<'_>) -> Result<Message, NotTaken> {
        let mut builder = Message::builder()
            .from(self.from.clone())
            .subject(letter.subject)
            .message_id(Some(format!("<{}@plumbline>", letter.id)))
            .date(letter.at)
            .header(ContentType::TEXT_PLAIN);
        for person in people(letter.to)? {
            builder = builder.to(person);
        }
        builder
            .body(letter.text.to_owned())
            .map_err(|error| NotTaken::for_good(format!("the letter cannot be written: {error}")))
    }

    fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, NotTaken> {
        // An error means that the process has a provider already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = self
            .builder()
            .map_err(|error| NotTaken::for_good(causes(&error)))?
            .timeout(Some(PATIENCE));
        let builder = match self.port {
            Some(port) => builder.port(port),
            None => builder,
        };
        Ok(match &self.login {
            Some((user, password)) => builder
                .credentials(Credentials::new(user.clone(), password.clone()))
                .build(),
            None => builder.build(),
        })
    }

    fn builder(&self) -> Result<AsyncSmtpTransportBuilder, lettre::transport::smtp::Error> {
        match self.security {
            Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&self.host),
            Security::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&self.host),
            Security::Plain => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(
                &self.host,
            )),
        }
    }
}

/// The message with all its causes.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(address: &str, from: &str) -> Result<MailServer, String> {
        MailServer::new(&Url::parse(address).unwrap(), from, None)
    }

    #[test]
    fn a_server_says_how_it_is_spoken_to() {
        for (address, security, port) in [
            ("smtps://mail.example.org", Security::Tls, None),
            (
                "smtp+starttls://mail.example.org:2587",
                Security::StartTls,
                Some(2587),
            ),
            ("smtp://127.0.0.1:25", Security::Plain, Some(25)),
        ] {
            let server = server(address, "Plumbline <plumbline@example.org>").unwrap();
            assert_eq!((server.security, server.port), (security, port), "{address}");
        }
        assert!(server("https://mail.example.org", "a@example.org").is_err());
        assert!(server("smtps://mail.example.org", "nobody").is_err());
    }

    #[test]
    fn a_subject_cannot_bring_headers_of_its_own() {
        let server = server("smtp://127.0.0.1", "a@example.org").unwrap();
        let letter = Letter {
            to: "b@example.org, C <c@example.org>",
            subject: "news\r\nBcc: evil@example.org",
            text: "x",
            id: "u1",
            at: SystemTime::UNIX_EPOCH,
        };
        let written = String::from_utf8(server.message(&letter).unwrap().formatted()).unwrap();
        assert!(!written.contains("\r\nBcc:"), "{written}");
        assert!(written.contains("Message-ID: <u1@plumbline>"), "{written}");
    }

    #[test]
    fn only_addresses_are_addresses() {
        for (text, good) in [
            ("a@example.org", true),
            ("a@example.org,b@example.org", true),
            ("Mara <a@example.org>", true),
            ("", false),
            ("https://example.org", false),
            ("a@example.org,", false),
        ] {
            assert_eq!(are_addresses(text), good, "{text}");
        }
    }
}
