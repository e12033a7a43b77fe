//! The treemap: each package once, inside the one that first brings it, as large as it and what it brings.

use inventory::ComponentId;

use super::marks::{Mark, Marks};
use super::plan::{Bounds, Part, Place, Plan, What, plan};
use super::svg::{DIM, Head, INK, Picture, address, cut, name, story};
use super::{Chart, Look};
use crate::Graph;
use crate::render::escape;

const BOUNDS: Bounds = Bounds {
    places: 20_000,
    children: 5_000,
    links: false,
};

const WIDTH: u64 = 1_500;
const HEIGHT: u64 = 900;
const TOP: u64 = 50;
/// The strip that holds the name of what holds others.
const STRIP: u64 = 16;
/// Smaller than this in either direction nothing can be told apart; it is counted instead.
const LEAST: u64 = 6;
/// The width of a character, about.
const LETTER: u64 = 7;

/// Ground colours by depth, light enough for every ink.
const GROUNDS: [&str; 6] = ["#f6f8fa", "#eef2f6", "#e6ecf2", "#dfe6ee", "#d8e1ea", "#d1dbe6"];

#[derive(Clone, Copy, Debug)]
struct Area {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
}

impl Area {
    const fn is_too_small(self) -> bool {
        self.width < LEAST || self.height < LEAST
    }

    /// Two parts side by side, or one above the other, whichever leaves them less long.
    fn split(self, first: u128, whole: u128) -> (Self, Self) {
        let share = |length: u64| {
            let part = u128::from(length) * first / whole.max(1);
            u64::try_from(part).unwrap_or(length).min(length)
        };
        if self.width >= self.height {
            let width = share(self.width);
            let rest = Self {
                x: self.x + width,
                width: self.width - width,
                ..self
            };
            (Self { width, ..self }, rest)
        } else {
            let height = share(self.height);
            let rest = Self {
                y: self.y + height,
                height: self.height - height,
                ..self
            };
            (Self { height, ..self }, rest)
        }
    }

    /// What is left inside a frame with a strip at the top.
    const fn inner(self) -> Self {
        Self {
            x: self.x + 2,
            y: self.y + STRIP,
            width: self.width.saturating_sub(4),
            height: self.height.saturating_sub(STRIP + 2),
        }
    }
}

pub(super) fn render(chart: &Chart<'_>, look: &Look<'_>) -> String {
    let graph = Graph::new(chart.inventory);
    let marks = Marks::of(chart, &graph);
    let plan = plan(chart, &graph, &marks, look, BOUNDS, Part::default());
    let sizes = Sizes::of(&plan, look);
    let mut picture = Picture::new(
        look,
        &Head {
            kind: "Dependency treemap",
            description: description(&plan, &marks, &sizes),
            width: WIDTH,
            height: TOP + HEIGHT,
        },
    );
    let mut drawing = Drawing {
        chart,
        look,
        marks: &marks,
        graph: &graph,
        plan: &plan,
        sizes: &sizes,
        picture: &mut picture,
    };
    drawing.all();
    picture.finish()
}

fn description(plan: &Plan, marks: &Marks<'_>, sizes: &Sizes) -> String {
    let measure = if sizes.in_bytes {
        "Area is unpacked size"
    } else {
        "Area counts packages, for their sizes are not known"
    };
    let missing = match plan.total.saturating_sub(plan.drawn) {
        0 => String::new(),
        missing => format!(" {missing} lie deeper and are only counted."),
    };
    format!(
        "{} components, {} affected. {measure}; · is needed in several places.{missing}",
        plan.total,
        marks.affected()
    )
}

/// The weight of each place with everything below it.
struct Sizes {
    own: Vec<u128>,
    whole: Vec<u128>,
    /// Whether weights are bytes; else each package weighs one.
    in_bytes: bool,
}

impl Sizes {
    fn of(plan: &Plan, look: &Look<'_>) -> Self {
        let size = |place: &Place| match place.what {
            What::Component(id) => (look.size)(id),
            _ => Some(0),
        };
        let known: Option<Vec<u64>> = plan.places.iter().map(size).collect();
        let in_bytes = known
            .as_ref()
            .is_some_and(|sizes| sizes.iter().any(|size| *size > 0));
        let own: Vec<u128> = match known.filter(|_| in_bytes) {
            // What has no bytes has a place all the same.
            Some(sizes) => sizes.into_iter().map(|size| u128::from(size.max(1))).collect(),
            None => plan.places.iter().map(|place| weight(place.what)).collect(),
        };
        let mut whole = own.clone();
        for index in (0..plan.places.len()).rev() {
            let children = plan.places.get(index).map_or(&[][..], |place| &place.children);
            let below: u128 = children.iter().filter_map(|child| whole.get(*child)).sum();
            if let Some(slot) = whole.get_mut(index) {
                *slot = slot.saturating_add(below);
            }
        }
        Self { own, whole, in_bytes }
    }

    fn whole(&self, index: usize) -> u128 {
        self.whole.get(index).copied().unwrap_or_default()
    }
}

fn weight(what: What) -> u128 {
    match what {
        What::Component(_) => 1,
        What::More(count) => u128::try_from(count).unwrap_or(u128::MAX),
        What::Product(_) | What::Unplaced | What::Again(..) => 0,
    }
}

struct Drawing<'d> {
    chart: &'d Chart<'d>,
    look: &'d Look<'d>,
    marks: &'d Marks<'d>,
    graph: &'d Graph,
    plan: &'d Plan,
    sizes: &'d Sizes,
    picture: &'d mut Picture,
}

impl<'d> Drawing<'d> {
    /// Places from the outside in; what is too small is counted in what holds it.
    fn all(&mut self) {
        let whole = Area {
            x: 0,
            y: TOP,
            width: WIDTH,
            height: HEIGHT,
        };
        let mut stack = vec![(0, whole)];
        while let Some((index, area)) = stack.pop() {
            let Some(place) = self.plan.places.get(index) else {
                continue;
            };
            let inside = if place.children.is_empty() {
                Vec::new()
            } else {
                self.divided(index, place, area.inner())
            };
            let (seen, small): (Vec<_>, Vec<_>) =
                inside.into_iter().partition(|(_, area)| !area.is_too_small());
            let hidden: usize = small.iter().map(|(child, _)| self.count(*child)).sum();
            self.place(index, place, area, hidden);
            stack.extend(seen.into_iter().rev());
        }
    }

    /// Components at and below a place.
    fn count(&self, index: usize) -> usize {
        let mut count = 0;
        let mut stack = vec![index];
        while let Some(index) = stack.pop() {
            let Some(place) = self.plan.places.get(index) else {
                continue;
            };
            count += match place.what {
                What::Component(_) => 1,
                What::More(more) => more,
                _ => 0,
            };
            stack.extend(&place.children);
        }
        count
    }

    /// The area among the children, by halves of about equal weight; the place's own weight is the first part.
    fn divided(&self, index: usize, place: &Place, area: Area) -> Vec<(usize, Area)> {
        let own = self.sizes.own.get(index).copied().unwrap_or_default();
        let whole = self.sizes.whole(index);
        let inner = match (own, self.sizes.in_bytes) {
            (0, _) | (_, false) => area,
            _ => area.split(own, whole).1,
        };
        let mut children = place.children.clone();
        children.sort_by_key(|child| (std::cmp::Reverse(self.sizes.whole(*child)), *child));
        let mut done = Vec::with_capacity(children.len());
        let mut waiting = vec![(children, inner)];
        while let Some((mut group, area)) = waiting.pop() {
            if group.len() <= 1 {
                done.extend(group.pop().map(|child| (child, area)));
                continue;
            }
            let total: u128 = group.iter().map(|child| self.sizes.whole(*child)).sum();
            let mut first = 0;
            let mut cut = 0;
            for child in &group {
                let weight = self.sizes.whole(*child);
                if cut > 0 && (first + weight) * 2 > total {
                    break;
                }
                first += weight;
                cut += 1;
            }
            let cut = cut.min(group.len() - 1);
            let first: u128 = group.iter().take(cut).map(|child| self.sizes.whole(*child)).sum();
            let behind = group.split_off(cut);
            let (here, there) = area.split(first, total);
            waiting.push((behind, there));
            waiting.push((group, here));
        }
        done
    }

    fn place(&mut self, index: usize, place: &Place, area: Area, hidden: usize) {
        let rest = if hidden > 0 {
            format!(" +{hidden} more")
        } else {
            String::new()
        };
        match place.what {
            What::Product(Some(id)) | What::Component(id) => self.component(index, place, id, area, &rest),
            What::Product(None) => self.words(index, area, &format!("{}{rest}", self.look.name)),
            What::Unplaced => self.words(index, area, &format!("without a known place{rest}")),
            What::More(count) => self.words(index, area, &format!("+{count} more")),
            What::Again(..) => {}
        }
    }

    fn component(&mut self, index: usize, place: &Place, id: ComponentId, area: Area, rest: &str) {
        let Some(component) = self.chart.inventory.components.get(id as usize) else {
            return;
        };
        let mark = self.marks.get(id);
        let address = address(self.look, id);
        let ground = GROUNDS
            .get(place.depth.min(GROUNDS.len() - 1))
            .copied()
            .unwrap_or("#ffffff");
        let (stroke, thick) = match mark {
            Mark::Affected => (mark.colour(), "2"),
            Mark::Leads => (mark.colour(), "1.5"),
            Mark::NotChecked | Mark::Clear => ("#9aa4af", "0.5"),
        };
        self.picture
            .open(&format!("{}m{index}", self.look.prefix), address.as_deref());
        self.picture.put(format_args!(
            "<title>{story}{size}{rest}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{ground}\" stroke=\"{stroke}\" stroke-width=\"{thick}\"/>",
            story = escape::html(&story(self.chart, self.marks, id)),
            size = (self.look.size)(id).map(|size| format!(". {size} bytes")).unwrap_or_default(),
            class = mark.class(),
            x = area.x,
            y = area.y,
            width = area.width,
            height = area.height,
        ));
        let text = format!(
            "{} {}{}{rest}",
            mark.sign(),
            name(component, self.look),
            self.shared(id)
        );
        self.caption(area, &text, mark.colour());
        self.picture.close(address.as_deref());
    }

    /// A dot for what several need.
    fn shared(&self, id: ComponentId) -> &'static str {
        if self.graph.dependents(id).len() > 1 {
            " ·"
        } else {
            ""
        }
    }

    fn words(&mut self, index: usize, area: Area, words: &str) {
        self.picture.put(format_args!(
            "<g id=\"{}m{index}\"><title>{}</title><rect class=\"words\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"#ffffff\" stroke=\"{DIM}\" stroke-width=\"0.5\" stroke-dasharray=\"3 2\"/>",
            escape::html(self.look.prefix),
            escape::html(words),
            area.x,
            area.y,
            area.width,
            area.height
        ));
        self.caption(area, words, INK);
        self.picture.put(format_args!("</g>\n"));
    }

    /// The name, where there is room for a few letters of it.
    fn caption(&mut self, area: Area, text: &str, colour: &str) {
        let letters = usize::try_from(area.width.saturating_sub(6) / LETTER).unwrap_or(0);
        if area.height < STRIP || letters < 3 {
            return;
        }
        self.picture.put(format_args!(
            "<text x=\"{}\" y=\"{}\" fill=\"{colour}\">{}</text>",
            area.x + 3,
            area.y + 12,
            escape::html(&cut(text, letters))
        ));
    }
}
