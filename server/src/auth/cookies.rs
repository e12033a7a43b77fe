//! Cookies: reading them, and setting them so that scripts and other sites cannot.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::state::Settings;

/// The colours that a browser asked for.
pub(crate) const THEME: &str = "plumbline_theme";
/// What a page says once, after a change.
pub(crate) const FLASH: &str = "plumbline_flash";

/// The session's cookie. Over HTTPS the prefix makes browsers refuse it from any other host.
pub(crate) const fn session_name(settings: &Settings) -> &'static str {
    if settings.secure_cookies {
        "__Host-plumbline"
    } else {
        "plumbline"
    }
}

/// The value of a cookie.
pub(crate) fn read_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// A `Set-Cookie` value; `None` when the value cannot stand in one.
pub(crate) fn cookie(settings: &Settings, name: &str, value: &str, seconds: i64) -> Option<HeaderValue> {
    let secure = if settings.secure_cookies { "; Secure" } else { "" };
    let clean = value
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b";,\"\\".contains(&byte));
    if !clean {
        return None;
    }
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::try_from(text).ok()
}

/// A `Set-Cookie` value that takes the cookie away.
pub(crate) fn clear(settings: &Settings, name: &str) -> Option<HeaderValue> {
    cookie(settings, name, "", 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_and_only_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::COOKIE,
            HeaderValue::from_static("a=1; xplumbline=no; plumbline=yes"),
        );
        assert_eq!(read_cookie(&headers, "plumbline"), Some("yes"));
        assert_eq!(read_cookie(&headers, "plumb"), None);
    }

    #[test]
    fn a_value_cannot_add_attributes() {
        let settings = Settings::default();
        assert!(cookie(&settings, THEME, "dark; Domain=example.org", 1).is_none());
        let value = cookie(&settings, THEME, "dark", 1).unwrap();
        assert_eq!(
            value.to_str().unwrap(),
            "plumbline_theme=dark; Path=/; Max-Age=1; HttpOnly; SameSite=Lax"
        );
    }
}
