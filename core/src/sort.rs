//! Sorting without the panics of the standard library's: a heap sort, n log n at worst, in place.

/// Sorts `items` so that none comes before one that it must come after. Equal ones may change places.
pub(crate) fn sort<T: Copy>(items: &mut [T], mut before: impl FnMut(&T, &T) -> bool) {
    let mut root = items.len() >> 1;
    while root > 0 {
        root = root.saturating_sub(1);
        sift(items, root, items.len(), &mut before);
    }
    let mut end = items.len();
    while end > 1 {
        end = end.saturating_sub(1);
        exchange(items, 0, end);
        sift(items, 0, end, &mut before);
    }
}

/// Lets the item at `root` sink until none of its children must come after it.
fn sift<T: Copy>(items: &mut [T], mut root: usize, end: usize, before: &mut impl FnMut(&T, &T) -> bool) {
    loop {
        let left = root.saturating_mul(2).saturating_add(1);
        if left >= end {
            return;
        }
        let right = left.saturating_add(1);
        let child = if right < end && precedes(items, left, right, before) { right } else { left };
        if !precedes(items, root, child, before) {
            return;
        }
        exchange(items, root, child);
        root = child;
    }
}

fn precedes<T>(items: &[T], a: usize, b: usize, before: &mut impl FnMut(&T, &T) -> bool) -> bool {
    match (items.get(a), items.get(b)) {
        (Some(a), Some(b)) => before(a, b),
        _ => false,
    }
}

fn exchange<T: Copy>(items: &mut [T], a: usize, b: usize) {
    let (Some(&first), Some(&second)) = (items.get(a), items.get(b)) else { return };
    if let Some(slot) = items.get_mut(a) {
        *slot = second;
    }
    if let Some(slot) = items.get_mut(b) {
        *slot = first;
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_macros, clippy::disallowed_methods)]
mod tests {
    use super::sort;
    use alloc::vec::Vec;

    #[test]
    fn sorts_as_the_standard_library_does() {
        for length in 0..200_u64 {
            let mut items: Vec<u64> = (0..length).map(|i| i.wrapping_mul(0x9e37_79b9) % (length / 2 + 1)).collect();
            let mut expected = items.clone();
            expected.sort_unstable();
            sort(&mut items, |a, b| a < b);
            assert_eq!(items, expected);
        }
    }
}
