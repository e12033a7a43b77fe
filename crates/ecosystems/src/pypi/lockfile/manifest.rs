//! `pyproject.toml` and `Pipfile`, as far as a lockfile needs them: who the project is and what it asks for itself.

use serde_json::Value;

use super::requirement::{Requirement, some};
use crate::lockfile::Beside;
use crate::lockfile::json::{entries, flag, some_text, texts};
use crate::lockfile::toml;
use crate::tree::EdgeKind;

/// The project's own statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifest {
    pub name: Option<String>,
    pub version: Option<String>,
    pub wants: Vec<Want>,
}

/// One dependency of the project itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Want {
    pub name: String,
    pub requirement: Option<String>,
    pub kind: EdgeKind,
    pub condition: Option<String>,
}

impl Manifest {
    /// `pyproject.toml` of the project; `None` when there is none or it is broken.
    pub(super) fn pyproject(beside: &dyn Beside) -> Option<Self> {
        let value = toml::document(&beside.text("pyproject.toml")?).ok()?;
        let mut manifest = Self::default();
        manifest.standard(&value);
        if let Some(poetry) = value.get("tool").and_then(|tool| tool.get("poetry")) {
            manifest.poetry(poetry);
        }
        let tools = value.get("tool").unwrap_or(&Value::Null);
        for (_, group) in tools
            .get("pdm")
            .into_iter()
            .flat_map(|pdm| entries(pdm, "dev-dependencies"))
        {
            manifest.strings(group, EdgeKind::Dev);
        }
        if let Some(list) = tools.get("uv").and_then(|uv| uv.get("dev-dependencies")) {
            manifest.strings(list, EdgeKind::Dev);
        }
        Some(manifest)
    }

    /// `Pipfile` of the project.
    pub(super) fn pipfile(beside: &dyn Beside) -> Option<Self> {
        let value = toml::document(&beside.text("Pipfile")?).ok()?;
        let mut manifest = Self::default();
        // Every table that is no setting is a category of packages.
        for (category, table) in value.as_object()? {
            let kind = match category.as_str() {
                "packages" => EdgeKind::Normal,
                "source" | "requires" | "scripts" | "pipenv" => continue,
                _ => EdgeKind::Dev,
            };
            manifest.table(table, kind);
        }
        Some(manifest)
    }

    /// PEP 621 and PEP 735.
    fn standard(&mut self, value: &Value) {
        if let Some(project) = value.get("project") {
            self.name = some_text(project, "name").map(str::to_owned);
            self.version = some_text(project, "version").map(str::to_owned);
            if let Some(list) = project.get("dependencies") {
                self.strings(list, EdgeKind::Normal);
            }
            for (_, list) in entries(project, "optional-dependencies") {
                self.strings(list, EdgeKind::Optional);
            }
        }
        for (_, group) in entries(value, "dependency-groups") {
            self.strings(group, EdgeKind::Dev);
        }
    }

    fn poetry(&mut self, poetry: &Value) {
        let stated = |key| some_text(poetry, key).map(str::to_owned);
        self.name = self.name.take().or_else(|| stated("name"));
        self.version = self.version.take().or_else(|| stated("version"));
        for (key, kind) in [
            ("dependencies", EdgeKind::Normal),
            ("dev-dependencies", EdgeKind::Dev),
        ] {
            if let Some(table) = poetry.get(key) {
                self.table(table, kind);
            }
        }
        for (group, settings) in entries(poetry, "group") {
            let kind = if group == "main" {
                EdgeKind::Normal
            } else {
                EdgeKind::Dev
            };
            if let Some(table) = settings.get("dependencies") {
                self.table(table, kind);
            }
        }
    }

    /// A list of requirements; groups may include others, which are listed themselves.
    fn strings(&mut self, list: &Value, kind: EdgeKind) {
        for text in list.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if let Some(requirement) = Requirement::parse(text) {
                self.wants.push(Want {
                    name: requirement.name.to_owned(),
                    requirement: some(requirement.specifier).or_else(|| some(requirement.url)),
                    kind,
                    condition: some(requirement.marker),
                });
            }
        }
    }

    /// A table of names, as poetry and pipenv write it.
    fn table(&mut self, table: &Value, kind: EdgeKind) {
        for (name, stated) in table.as_object().into_iter().flatten() {
            if name == "python" {
                continue;
            }
            // Several constraints for several environments.
            let variants = stated
                .as_array()
                .map_or(std::slice::from_ref(stated), Vec::as_slice);
            for variant in variants {
                let is_optional = flag(variant, "optional") && kind == EdgeKind::Normal;
                let conditions = [texts(variant, "markers"), texts(variant, "platform")].concat();
                self.wants.push(Want {
                    name: name.clone(),
                    requirement: variant
                        .as_str()
                        .or_else(|| some_text(variant, "version"))
                        .map(str::to_owned),
                    kind: if is_optional { EdgeKind::Optional } else { kind },
                    condition: some(&conditions.join(" and ")),
                });
            }
        }
    }
}
