//! The server that letters are handed to.

use fetch::Url;
use fetch::mail::MailServer;

use super::Error;
use super::layer::Mail;

/// Decides the settings; the password's file is read now, so that a missing one is told at the start.
pub(super) fn decide(layer: Mail) -> Result<Option<MailServer>, Error> {
    let Some(server) = layer.server.filter(|server| !server.is_empty()) else {
        return Ok(None);
    };
    let from = layer.from.filter(|from| !from.is_empty());
    let from = from.ok_or_else(|| Error::value("mail.from", "is missing beside `mail.server`"))?;
    let password = match &layer.password_file {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|source| Error::file(path, source))?),
        None => None,
    };
    let login = match (layer.user, password) {
        (Some(user), Some(password)) => Some((user, password.trim().to_owned())),
        (None, None) => None,
        _ => return Err(Error::value("mail.user", "and `mail.password_file` go together")),
    };
    let url = Url::parse(&server)
        .map_err(|error| Error::value("mail.server", &format!("is not a URL: {error}")))?;
    let decided = MailServer::new(&url, &from, login);
    decided.map(Some).map_err(|why| Error::value("mail.server", &why))
}
