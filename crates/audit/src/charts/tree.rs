//! The tree: the product on the left, what it needs to the right of it, one row for each end.

use inventory::{Component, ComponentId, Scope};

use super::marks::{Mark, Marks};
use super::plan::{Bounds, Part, Place, Plan, What, plan};
use super::svg::{DIM, Head, INK, Picture, address, cut, name, story};
use super::{Chart, Look};
use crate::Graph;
use crate::render::escape;

/// Rows that a browser shows and a person reads.
const BOUNDS: Bounds = Bounds {
    places: 3_000,
    children: 80,
    links: true,
};

const ROW: u64 = 18;
const COLUMN: u64 = 230;
const TOP: u64 = 60;
const LEFT: u64 = 16;
/// Characters of a name that fit into a column.
const NAME: usize = 28;

/// Where a place lies.
#[derive(Clone, Copy, Default)]
struct Spot {
    x: u64,
    y: u64,
}

pub(super) fn render(chart: &Chart<'_>, look: &Look<'_>) -> String {
    let graph = Graph::new(chart.inventory);
    let marks = Marks::of(chart, &graph);
    let plan = plan(chart, &graph, &marks, look, BOUNDS, Part::default());
    let (spots, rows) = spots(&plan.places);
    let deepest = plan.places.iter().map(|place| place.depth).max().unwrap_or(0);
    let columns = u64::try_from(deepest).unwrap_or(u64::MAX).saturating_add(1);
    let mut picture = Picture::new(
        look,
        &Head {
            kind: "Dependency tree",
            description: description(&plan, &marks),
            width: (LEFT * 2 + columns * COLUMN).max(900),
            height: TOP + rows * ROW + ROW,
        },
    );
    let mut drawing = Drawing {
        chart,
        look,
        marks: &marks,
        plan: &plan,
        spots: &spots,
        picture: &mut picture,
    };
    drawing.edges();
    drawing.nodes();
    picture.finish()
}

fn description(plan: &Plan, marks: &Marks<'_>) -> String {
    let missing = plan.total.saturating_sub(plan.drawn);
    let rest = match missing {
        0 => "all are drawn".to_owned(),
        missing => format!("{missing} are only counted"),
    };
    format!(
        "{} components, {} affected; {rest}. Each is drawn once; ↗ leads to where.",
        plan.total,
        marks.affected()
    )
}

/// Ends get rows from top to bottom, everything else lies in the middle of what is below it. Places are numbered
/// breadth first, so that children have greater numbers than their parents; nothing recurses.
fn spots(places: &[Place]) -> (Vec<Spot>, u64) {
    let mut spots = vec![Spot::default(); places.len()];
    let mut rows = 0;
    let mut stack = vec![0];
    while let Some(index) = stack.pop() {
        let Some(place) = places.get(index) else { continue };
        let depth = u64::try_from(place.depth).unwrap_or(u64::MAX);
        if let Some(spot) = spots.get_mut(index) {
            spot.x = LEFT + depth * COLUMN;
            if place.children.is_empty() {
                spot.y = TOP + rows * ROW;
                rows += 1;
            }
        }
        stack.extend(place.children.iter().rev());
    }
    for index in (0..places.len()).rev() {
        let ends = places
            .get(index)
            .and_then(|place| Some((*place.children.first()?, *place.children.last()?)));
        if let Some((first, last)) = ends {
            let y = |index: usize| spots.get(index).map_or(0, |spot| spot.y);
            let middle = u64::midpoint(y(first), y(last));
            if let Some(spot) = spots.get_mut(index) {
                spot.y = middle;
            }
        }
    }
    (spots, rows)
}

struct Drawing<'d> {
    chart: &'d Chart<'d>,
    look: &'d Look<'d>,
    marks: &'d Marks<'d>,
    plan: &'d Plan,
    spots: &'d [Spot],
    picture: &'d mut Picture,
}

impl<'d> Drawing<'d> {
    fn spot(&self, index: usize) -> Spot {
        self.spots.get(index).copied().unwrap_or_default()
    }

    fn component(&self, id: ComponentId) -> Option<&'d Component> {
        self.chart.inventory.components.get(id as usize)
    }

    fn mark(&self, what: What) -> Option<Mark> {
        match what {
            What::Product(Some(id)) | What::Component(id) | What::Again(id, _) => Some(self.marks.get(id)),
            What::Product(None) | What::Unplaced | What::More(_) => None,
        }
    }

    fn edges(&mut self) {
        self.picture.put(format_args!(
            "<g class=\"edges\" fill=\"none\" stroke-width=\"1\">\n"
        ));
        for (index, place) in self.plan.places.iter().enumerate() {
            let from = self.spot(index);
            let end_of_name = from.x + self.width(place.what);
            for &child in &place.children {
                let to = self.spot(child);
                let what = self.plan.places.get(child).map(|place| place.what);
                let bad = what
                    .and_then(|what| self.mark(what))
                    .filter(|mark| matches!(mark, Mark::Affected | Mark::Leads));
                let colour = bad.map_or("#c0c7cf", Mark::colour);
                let dashes = what.and_then(|what| self.dashes(what)).unwrap_or_default();
                let (bend, middle) = (from.x + COLUMN - 24, from.x + COLUMN - 12);
                self.picture.put(format_args!(
                    "<path d=\"M{end_of_name} {y}L{bend} {y}C{middle} {y} {middle} {down} {end} {down}\" stroke=\"{colour}\"{dashes}/>\n",
                    y = from.y,
                    down = to.y,
                    end = to.x
                ));
            }
        }
        self.picture.put(format_args!("</g>\n"));
    }

    /// About how far a name reaches.
    fn width(&self, what: What) -> u64 {
        let name = match what {
            What::Product(Some(id)) | What::Component(id) => self
                .component(id)
                .map(|component| name(component, self.look))
                .unwrap_or_default(),
            What::Product(None) => self.look.name.to_owned(),
            What::Unplaced => "without a known place".to_owned(),
            What::Again(..) | What::More(_) => String::new(),
        };
        let letters = u64::try_from(name.chars().count().min(NAME)).unwrap_or(COLUMN);
        (22 + 7 * letters).min(COLUMN - 24)
    }

    /// Lines to what only development needs are dashed, to what is optional or a peer dotted.
    fn dashes(&self, what: What) -> Option<&'static str> {
        let (What::Component(id) | What::Again(id, _)) = what else {
            return None;
        };
        let component = self.component(id)?;
        let is_peer = component.installation.as_deref().is_some_and(|how| how.peer);
        match component.scope {
            Scope::Dev => Some(" stroke-dasharray=\"6 3\""),
            Scope::Optional => Some(" stroke-dasharray=\"2 3\""),
            Scope::Required | Scope::Excluded => is_peer.then_some(" stroke-dasharray=\"1 2\""),
        }
    }

    fn nodes(&mut self) {
        for (index, place) in self.plan.places.iter().enumerate() {
            let spot = self.spot(index);
            match place.what {
                What::Product(Some(id)) | What::Component(id) => self.node(index, id, spot),
                What::Product(None) => self.words(index, spot, self.look.name),
                What::Unplaced => self.words(index, spot, "without a known place"),
                What::Again(id, there) => self.again(id, there, spot),
                What::More(count) => self.words(index, spot, &format!("+{count} more")),
            }
        }
    }

    fn node(&mut self, index: usize, id: ComponentId, spot: Spot) {
        let Some(component) = self.component(id) else {
            return;
        };
        let mark = self.marks.get(id);
        let address = address(self.look, id);
        let story = story(self.chart, self.marks, id);
        let weight = if mark == Mark::Affected {
            " font-weight=\"600\""
        } else {
            ""
        };
        self.picture
            .open(&format!("{}n{index}", self.look.prefix), address.as_deref());
        self.picture.put(format_args!(
            "<title>{}</title><text class=\"{}\" x=\"{}\" y=\"{}\" fill=\"{}\"{weight}>{} {}</text>",
            escape::html(&story),
            mark.class(),
            spot.x,
            spot.y + 4,
            mark.colour(),
            mark.sign(),
            escape::html(&cut(&name(component, self.look), NAME))
        ));
        self.picture.close(address.as_deref());
    }

    /// A link to where the component is drawn.
    fn again(&mut self, id: ComponentId, there: usize, spot: Spot) {
        let Some(component) = self.component(id) else {
            return;
        };
        let mark = self.marks.get(id);
        self.picture.put(format_args!(
            "<a href=\"#{prefix}n{there}\"><title>{title}: drawn elsewhere</title><text class=\"again {class}\" x=\"{x}\" y=\"{y}\" fill=\"{colour}\" font-style=\"italic\">{sign} {name} ↗</text></a>\n",
            prefix = escape::html(self.look.prefix),
            title = escape::html(&name(component, self.look)),
            class = mark.class(),
            x = spot.x,
            y = spot.y + 4,
            colour = mark.colour(),
            sign = mark.sign(),
            name = escape::html(&cut(&name(component, self.look), NAME - 2)),
        ));
    }

    fn words(&mut self, index: usize, spot: Spot, words: &str) {
        let colour = if index == 0 { INK } else { DIM };
        self.picture.put(format_args!(
            "<text id=\"{}n{index}\" class=\"words\" x=\"{}\" y=\"{}\" fill=\"{colour}\">{}</text>\n",
            escape::html(self.look.prefix),
            spot.x,
            spot.y + 4,
            escape::html(&cut(words, NAME))
        ));
    }
}
