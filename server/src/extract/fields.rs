//! The query of a list: keys may repeat, empty values of a form are nothing, keys that nobody reads are errors.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::problem::Problem;

/// The longest value that is looked at, in bytes.
const LONGEST: usize = 2_000;

/// The fields that were not read yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields {
    pairs: Vec<(String, String)>,
    /// The query as it was sent, without the question mark.
    query: String,
}

impl<S: Sync> FromRequestParts<S> for Fields {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let pairs = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| Problem::bad_query("The query is not `key=value&…`."))?
            .0;
        match pairs.iter().find(|(_, value)| value.len() > LONGEST) {
            Some((name, _)) => Err(Problem::bad_parameter(name, "is too long")),
            None => Ok(Self { pairs, query }),
        }
    }
}

impl Fields {
    /// All values of a key, in order; a value may be a list with commas.
    pub fn many(&mut self, name: &str) -> Vec<String> {
        let (mine, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|(key, _)| key == name);
        self.pairs = others;
        mine.iter()
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .collect()
    }

    /// The value of a key that may stand once.
    pub fn one(&mut self, name: &str) -> Result<Option<String>, Problem> {
        let (mut mine, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition(|(key, _)| key == name);
        self.pairs = others;
        if mine.len() > 1 {
            return Err(Problem::bad_parameter(name, "may stand only once"));
        }
        let value = mine.pop().map(|(_, value)| value.trim().to_owned());
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>, Problem> {
        match self.one(name)?.as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Problem::bad_parameter(name, "must be true or false")),
        }
    }

    pub fn number(&mut self, name: &str) -> Result<Option<i64>, Problem> {
        self.one(name)?
            .map(|text| text.parse())
            .transpose()
            .map_err(|_| Problem::bad_parameter(name, "must be a number"))
    }

    /// Nothing may be left over.
    pub fn finish(self) -> Result<(), Problem> {
        match self.pairs.first() {
            None => Ok(()),
            Some((name, _)) => Err(Problem::bad_parameter(name, "is not known here")),
        }
    }

    /// The query with `cursor` set to this, or without one: for links to other pages of the same list.
    pub fn with_cursor(&self, cursor: Option<&str>) -> String {
        let kept = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let cursor = cursor.map(|cursor| format!("cursor={}", web::links::segment(cursor)));
        kept.map(str::to_owned)
            .chain(cursor)
            .collect::<Vec<_>>()
            .join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn fields(query: &str) -> Fields {
        let request = axum::http::Request::get(format!("/x?{query}")).body(()).unwrap();
        let mut parts = request.into_parts().0;
        Fields::from_request_parts(&mut parts, &()).await.unwrap()
    }

    #[tokio::test]
    async fn a_form_may_repeat_keys_and_leave_them_empty() {
        let mut query = fields("severity=critical&severity=high,low&q=&kev=true&cursor=abc").await;
        assert_eq!(
            query.with_cursor(None),
            "severity=critical&severity=high,low&q=&kev=true"
        );
        assert!(query.with_cursor(Some("x")).ends_with("&cursor=x"));
        assert_eq!(query.many("severity"), ["critical", "high", "low"]);
        assert_eq!(query.one("q").unwrap(), None);
        assert_eq!(query.flag("kev").unwrap(), Some(true));
        assert_eq!(query.one("cursor").unwrap().as_deref(), Some("abc"));
        assert!(query.finish().is_ok());
    }

    #[tokio::test]
    async fn what_nobody_reads_or_reads_once_is_said() {
        assert!(fields("sevrity=high").await.finish().is_err());
        assert!(fields("q=a&q=b").await.one("q").is_err());
        assert!(fields("kev=yes").await.flag("kev").is_err());
        assert!(fields("limit=many").await.number("limit").is_err());
    }
}
