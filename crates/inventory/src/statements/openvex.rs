//! OpenVEX 0.2.0, and the strings of 0.0.x where 0.2.0 has objects.

use serde_json::Value;

use super::json::{first, list, moment, sentences, text, texts};
use super::{Document, Justification, NoVex, Product, ProductId, State, Statement, Statements};

pub(super) fn read(document: &Value) -> Result<Document, NoVex> {
    if document.get("statements").and_then(Value::as_array).is_none() {
        return Err(NoVex::new(
            "/statements",
            "an OpenVEX document has a list of statements",
        ));
    }
    let mut statements = Statements::default();
    for (index, value) in list(document, "statements").iter().enumerate() {
        one(&mut statements, document, value, &format!("/statements/{index}"));
    }
    Ok(Document {
        format: "OpenVEX",
        id: text(document, "@id").to_owned(),
        author: text(document, "author").to_owned(),
        statements: statements.kept,
        skipped: statements.skipped,
    })
}

fn one(statements: &mut Statements, document: &Value, value: &Value, place: &str) {
    let (vulnerability, aliases) = vulnerability(value);
    if vulnerability.is_empty() {
        return statements.skip(place, "", "it names no vulnerability");
    }
    let Some(state) = state(text(value, "status")) else {
        let why = format!("`{}` is no status of OpenVEX", text(value, "status"));
        return statements.skip(place, &vulnerability, why);
    };
    let products: Vec<Product> = list(value, "products").iter().flat_map(product).collect();
    if products.is_empty() {
        return statements.skip(place, &vulnerability, "it names no product");
    }
    let word = text(value, "justification");
    let justification = Justification::read(word);
    let impact = text(value, "impact_statement");
    if state == State::NotAffected && justification.is_none() && impact.is_empty() {
        let why = if word.is_empty() {
            "`not_affected` needs a justification or an impact statement".to_owned()
        } else {
            format!("`{word}` is no justification of OpenVEX")
        };
        return statements.skip(place, &vulnerability, why);
    }
    statements.kept.push(Statement {
        place: place.to_owned(),
        vulnerability,
        aliases,
        products,
        state,
        justification,
        detail: sentences([
            impact,
            text(value, "action_statement"),
            text(value, "status_notes"),
        ]),
        at: moment(value, &["last_updated", "timestamp"])
            .or_else(|| moment(document, &["last_updated", "timestamp"])),
    });
}

fn vulnerability(value: &Value) -> (String, Vec<String>) {
    match value.get("vulnerability") {
        Some(Value::String(id)) => (id.trim().to_owned(), Vec::new()),
        Some(object) => {
            let name = match text(object, "name") {
                "" => text(object, "@id").rsplit('/').next().unwrap_or_default(),
                name => name,
            };
            let aliases = texts(object, "aliases").into_iter().map(str::to_owned).collect();
            (name.to_owned(), aliases)
        }
        None => (String::new(), Vec::new()),
    }
}

fn state(word: &str) -> Option<State> {
    Some(match word {
        "not_affected" => State::NotAffected,
        "affected" => State::Affected,
        "fixed" => State::Fixed,
        "under_investigation" => State::UnderInvestigation,
        _ => return None,
    })
}

fn product(value: &Value) -> Option<Product> {
    Some(Product {
        id: identity(value)?,
        subcomponents: list(value, "subcomponents").iter().filter_map(identity).collect(),
    })
}

/// A package URL wherever one is given, else the id.
fn identity(value: &Value) -> Option<ProductId> {
    if let Some(id) = value.as_str() {
        return Some(ProductId::of(id.trim())).filter(|_| !id.trim().is_empty());
    }
    let purl = value.get("identifiers").map_or("", |ids| text(ids, "purl"));
    let id = if purl.is_empty() {
        first(value, &["@id", "id"])
    } else {
        purl
    };
    let id = if id.is_empty() {
        value
            .get("identifiers")
            .map_or("", |ids| first(ids, &["cpe23", "cpe22"]))
    } else {
        id
    };
    (!id.is_empty()).then(|| ProductId::of(id))
}
