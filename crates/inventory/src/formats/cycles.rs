//! Finding cycles in a graph of dependencies, without recursion.

use crate::ComponentId;

/// Components of a cycle that are told.
const MOST_TOLD: usize = 6;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Colour {
    Unseen,
    OnPath,
    Done,
}

/// Calls `tell` with each edge that closes a cycle and with the components on it, the first of them again at its
/// end; of a long cycle only the last few.
pub(super) fn find(
    components: usize,
    edges: &[(ComponentId, ComponentId)],
    mut tell: impl FnMut(usize, &[usize]),
) {
    let graph = Graph::new(components, edges);
    let mut colours = vec![Colour::Unseen; components];
    for start in 0..components {
        if colours[start] == Colour::Unseen {
            walk(&graph, start, &mut colours, &mut tell);
        }
    }
}

fn walk(graph: &Graph, start: usize, colours: &mut [Colour], tell: &mut impl FnMut(usize, &[usize])) {
    // Components on the path with how many of their edges were followed.
    let mut path = vec![(start, 0)];
    colours[start] = Colour::OnPath;
    while let Some((node, followed)) = path.last_mut() {
        let Some(&(to, edge)) = graph.edges(*node).get(*followed) else {
            colours[*node] = Colour::Done;
            path.pop();
            continue;
        };
        // What is said twice is told once.
        let is_repeated = *followed > 0 && graph.edges(*node)[*followed - 1].0 == to;
        *followed += 1;
        if is_repeated {
            continue;
        }
        match colours[to] {
            Colour::Done => {}
            Colour::Unseen => {
                colours[to] = Colour::OnPath;
                path.push((to, 0));
            }
            Colour::OnPath => tell(edge, &cycle(&path, to)),
        }
    }
}

fn cycle(path: &[(usize, usize)], to: usize) -> Vec<usize> {
    let mut nodes: Vec<usize> = path.iter().rev().take(MOST_TOLD).map(|(node, _)| *node).collect();
    if let Some(end) = nodes.iter().position(|node| *node == to) {
        nodes.truncate(end + 1);
    }
    nodes.reverse();
    nodes.push(to);
    nodes
}

/// Edges grouped by where they begin.
struct Graph {
    starts: Vec<usize>,
    /// The other end, and the position of the edge in the list that was given.
    targets: Vec<(usize, usize)>,
}

impl Graph {
    fn new(components: usize, edges: &[(ComponentId, ComponentId)]) -> Self {
        let index = |id: ComponentId| usize::try_from(id).unwrap_or(usize::MAX);
        let mut starts = vec![0; components + 1];
        for (from, _) in edges {
            starts[index(*from) + 1] += 1;
        }
        for position in 1..starts.len() {
            starts[position] += starts[position - 1];
        }
        let mut next = starts.clone();
        let mut targets = vec![(0, 0); edges.len()];
        for (edge, (from, to)) in edges.iter().enumerate() {
            let slot = &mut next[index(*from)];
            targets[*slot] = (index(*to), edge);
            *slot += 1;
        }
        for node in 0..components {
            targets[starts[node]..starts[node + 1]].sort_unstable();
        }
        Self { starts, targets }
    }

    fn edges(&self, node: usize) -> &[(usize, usize)] {
        &self.targets[self.starts[node]..self.starts[node + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cycle_is_told_by_the_edge_that_closes_it() {
        let mut told = Vec::new();
        find(
            5,
            &[(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (0, 4)],
            |edge, path| {
                told.push((edge, path.to_vec()));
            },
        );
        assert_eq!(told, [(2, vec![0, 1, 2, 0])]);
        find(3, &[(0, 1), (0, 2), (1, 2)], |_, _| {
            panic!("a diamond is no cycle")
        });
    }

    #[test]
    fn a_long_cycle_is_walked_without_recursion() {
        let edges: Vec<_> = (0..100_000).map(|n| (n, (n + 1) % 100_000)).collect();
        let mut told = 0;
        find(100_000, &edges, |_, path| {
            told += 1;
            assert!(path.len() <= MOST_TOLD + 1);
        });
        assert_eq!(told, 1);
    }
}
