//! The files that a scan leaves behind on request: report, list of components, pictures.

use std::path::{Path, PathBuf};

use audit::Report;
use audit::charts::{Chart, Look};
use audit::files::{self, Settings};
use audit::render::{Rendering, Style};
use inventory::Inventory;
use policy::Policy;
use policy::sandworm::{Config, FailRule, FailRules};

use super::super::{Failure, sandworm};

/// What is written, and how.
#[derive(clap::Args)]
pub(super) struct FileFlags {
    /// Also writes NAME@VERSION-report.json, -report.html, -dependencies.csv, -tree.svg and -treemap.svg into this folder
    #[arg(long, short = 'o', value_name = "DIR")]
    output_path: Option<PathBuf>,
    /// Which of them: report, html, csv, tree, treemap
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_enum)]
    outputs: Vec<Output>,
    /// How many steps from the product pictures show; by default 7
    #[arg(long, value_name = "STEPS")]
    max_depth: Option<usize>,
    /// Puts versions behind the names in pictures
    #[arg(long)]
    show_versions: bool,
    /// Lists and draws development dependencies, too; the policy decides what is judged
    #[arg(long)]
    include_dev: bool,
    /// Fails for issues of a type and severity, such as `dependencies.critical` or `licenses.*`; may be given several
    /// times
    #[arg(long, value_name = "TYPE.SEVERITY")]
    fail_on: Vec<FailRule>,
    /// Asks the package registries what lockfiles leave out: licenses, deprecation, install scripts, repositories, sizes
    #[arg(long)]
    pub(super) registry: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Output {
    Report,
    Html,
    Csv,
    Tree,
    Treemap,
}

impl FileFlags {
    /// The policy with the fail rules of the command line.
    pub(super) fn failing(&self, mut policy: Policy) -> Policy {
        FailRules::new(self.fail_on.clone()).apply(&mut policy);
        policy
    }

    /// Writes what was asked for, by the command line or by Sandworm's configuration as the policy. Each file is there
    /// whole or not at all.
    pub(super) fn write(
        &self,
        inventory: &Inventory,
        report: &Report,
        policy: Option<&Path>,
        artifact: &str,
    ) -> Result<(), Failure> {
        let config = policy.map(configured).transpose()?.flatten();
        let told = config.map(|config| config.outputs).unwrap_or_default();
        let beside = policy.and_then(Path::parent);
        let Some(folder) = self
            .output_path
            .clone()
            .or_else(|| Some(beside?.join(told.path.as_deref()?)))
        else {
            return Ok(());
        };
        let settings = Settings {
            include_dev: self.include_dev || told.include_dev == Some(true),
            max_depth: self.max_depth.or(told.max_depth).unwrap_or(7),
            show_versions: self.show_versions || told.show_versions == Some(true),
        };
        std::fs::create_dir_all(&folder).map_err(|source| Failure::file(&folder, source))?;
        let prefix = files::prefix(inventory);
        for output in self.wanted(&told) {
            let (ending, text) = output.text(inventory, report, settings, artifact);
            write_whole(&folder.join(format!("{prefix}{ending}")), &text)?;
        }
        Ok(())
    }

    fn wanted(&self, told: &policy::sandworm::Outputs) -> Vec<Output> {
        if !self.outputs.is_empty() {
            return self.outputs.clone();
        }
        [
            (Output::Report, told.skip_report),
            (Output::Html, told.skip_report),
            (Output::Csv, told.skip_csv),
            (Output::Tree, told.skip_tree),
            (Output::Treemap, told.skip_treemap),
        ]
        .into_iter()
        .filter(|(_, skipped)| !skipped)
        .map(|(output, _)| output)
        .collect()
    }
}

fn configured(path: &Path) -> Result<Option<Config>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|source| Failure::file(path, source))?;
    sandworm::config(path, &text)
}

impl Output {
    /// How the file's name ends, and what is in it.
    fn text(
        self,
        inventory: &Inventory,
        report: &Report,
        settings: Settings,
        artifact: &str,
    ) -> (&'static str, String) {
        let size = |id: inventory::ComponentId| {
            let component = inventory.components.get(usize::try_from(id).ok()?)?;
            files::size(component)
        };
        let name = report.verdict.project.as_str();
        let look = Look {
            max_depth: settings.max_depth,
            show_versions: settings.show_versions,
            include_dev: settings.include_dev,
            size: &size,
            ..Look::named(name)
        };
        let chart = Chart::of(inventory, report);
        match self {
            Self::Report => ("report.json", files::report_json(inventory, report, &settings)),
            Self::Html => {
                let style = Style {
                    colour: false,
                    artifact,
                };
                ("report.html", Rendering::Html.render(report, &style))
            }
            Self::Csv => ("dependencies.csv", files::dependencies_csv(inventory, report)),
            Self::Tree => ("tree.svg", chart.tree(&look)),
            Self::Treemap => ("treemap.svg", chart.treemap(&look)),
        }
    }
}

/// Writes beside and renames, so that who reads never sees half a file.
fn write_whole(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let failed = |source| Failure::file(path, source);
    let file = tempfile::Builder::new()
        .prefix(".plumbline-")
        .tempfile_in(folder)
        .map_err(failed)?;
    std::fs::write(file.path(), text).map_err(failed)?;
    open_to_readers(file.path()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// A temporary file is for its owner alone; a report is for whoever reads the folder.
#[cfg(unix)]
fn open_to_readers(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_readers(_: &Path) -> std::io::Result<()> {
    Ok(())
}
