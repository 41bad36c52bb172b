//! The allocator of a parser component: made for one batch at a time.
//!
//! A parse takes the batch in, builds one output and gives everything back, so an allocation is
//! almost always "move the cursor" and the end of a batch is "put the cursor back". What a
//! parser drops before that (a JSON document a record, say) is kept in lists by size and handed
//! out again, so that a large batch doesn't run into the memory limit with garbage. Nothing is
//! split or merged.
//!
//! The module's memory is grown by 1 MiB at a time, not by doubling: a limit on memory traps,
//! and a parser that fits its limit must not trap for memory it would never have used.
//!
//! This is a single-threaded allocator: it doesn't compile for wasm with threads.

#![expect(unsafe_code, reason = "an allocator hands out raw memory")]

use core::alloc::Layout;
use core::ptr;

#[cfg(target_feature = "atomics")]
compile_error!("the batch allocator has no lock: compile the parser without threads");

/// Every block starts at a multiple of this and has a multiple of it as its capacity.
const GRAIN: usize = 16;

/// Sizes are rounded up to 16, 32, 48, 64 and from there to four steps a doubling, so at most a
/// fifth of a large block is unused. The last class is 2 GiB, the most that `Layout` allows in
/// 32 bits.
const CLASSES: usize = 104;

/// The class of the smallest blocks that hold `size` bytes. `size` isn't 0.
const fn class_of(size: usize) -> usize {
    let whole = (size - 1) / GRAIN;
    if whole < 4 {
        return whole;
    }
    let doubling = whole.ilog2() as usize;
    4 * (doubling - 1) + ((whole >> (doubling - 2)) & 3)
}

/// The capacity of the blocks of a class, in bytes.
const fn capacity(class: usize) -> usize {
    if class < 4 {
        return (class + 1) * GRAIN;
    }
    ((5 + class % 4) << (class / 4 - 1)) * GRAIN
}

/// Gives more memory: at least `wanted` bytes, if it can. It gets the end of what it gave last
/// (null at first) and returns the start and the end of the new piece; a piece that starts at
/// that end continues it.
type Grow = fn(end: *mut u8, wanted: usize) -> Option<(*mut u8, *mut u8)>;

/// A free block: its first bytes hold the next one of its class.
type Free = *mut FreeBlock;

struct FreeBlock {
    next: Free,
}

/// The state of the allocator.
struct Arena {
    grow: Grow,
    /// Where the cursor goes when nothing is live.
    base: *mut u8,
    /// The first byte that was never handed out, or was given back in order.
    cursor: *mut u8,
    end: *mut u8,
    /// Blocks handed out and not given back.
    live: usize,
    /// Whether any list in `free` has a block.
    any_free: bool,
    free: [Free; CLASSES],
}

impl Arena {
    const fn new(grow: Grow) -> Self {
        Self {
            grow,
            base: ptr::null_mut(),
            cursor: ptr::null_mut(),
            end: ptr::null_mut(),
            live: 0,
            any_free: false,
            free: [ptr::null_mut(); CLASSES],
        }
    }

    /// Returns null when there is no memory left.
    #[inline]
    fn allocate(&mut self, layout: Layout) -> *mut u8 {
        let class = class_of(layout.size());
        if class >= CLASSES {
            return ptr::null_mut();
        }
        if self.any_free {
            let block = self.free[class];
            // Larger alignments than a grain are rare: they take the first block or none.
            if !block.is_null() && block.addr() & (layout.align() - 1) == 0 {
                // SAFETY: blocks in the list are ours, aligned to `GRAIN`, at least as large as
                // a pointer, and `deallocate` has written `next`.
                self.free[class] = unsafe { (*block).next };
                self.live += 1;
                return block.cast();
            }
        }
        self.bump(capacity(class), layout.align().max(GRAIN))
    }

    /// Takes `size` bytes from the cursor on.
    #[inline]
    fn bump(&mut self, size: usize, align: usize) -> *mut u8 {
        loop {
            let padding = self.cursor.addr().wrapping_neg() & (align - 1);
            let room = self.end.addr() - self.cursor.addr();
            // Written so that nothing overflows at the end of a 32-bit address space.
            if room >= padding && room - padding >= size && !self.cursor.is_null() {
                let block = self.cursor.wrapping_add(padding);
                self.cursor = block.wrapping_add(size);
                self.live += 1;
                return block;
            }
            let Some(wanted) = size.checked_add(align) else {
                return ptr::null_mut();
            };
            if !self.grow_by(wanted.saturating_sub(room)) {
                return ptr::null_mut();
            }
        }
    }

    /// Adds at least `wanted` bytes after `end`, or starts again in a new piece of memory (the
    /// rest of the old one stays unused).
    #[cold]
    fn grow_by(&mut self, wanted: usize) -> bool {
        let Some((start, end)) = (self.grow)(self.end, wanted) else {
            return false;
        };
        if start != self.end || self.end.is_null() {
            self.base = start;
            self.cursor = start;
        }
        self.end = end;
        true
    }

    /// # Safety
    ///
    /// `block` came from this arena with `layout` and wasn't given back.
    #[inline]
    unsafe fn deallocate(&mut self, block: *mut u8, layout: Layout) {
        self.live -= 1;
        if self.live == 0 {
            self.cursor = self.base;
            if self.any_free {
                self.free = [ptr::null_mut(); CLASSES];
                self.any_free = false;
            }
            return;
        }
        let class = class_of(layout.size());
        if block.wrapping_add(capacity(class)) == self.cursor {
            self.cursor = block;
            return;
        }
        let block: Free = block.cast();
        // SAFETY: the caller gives the block up; it is aligned to `GRAIN` and has at least
        // `GRAIN` bytes.
        unsafe { (*block).next = self.free[class] };
        self.free[class] = block;
        self.any_free = true;
    }

    /// # Safety
    ///
    /// As [`Self::deallocate`]; `new_size` isn't 0.
    #[inline]
    unsafe fn reallocate(&mut self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (old, new) = (class_of(layout.size()), class_of(new_size));
        if old == new {
            return block;
        }
        if new >= CLASSES {
            return ptr::null_mut();
        }
        if block.wrapping_add(capacity(old)) == self.cursor {
            // The last block grows and shrinks where it is: this is the output being written.
            let room = self.end.addr() - block.addr();
            if capacity(new) <= room
                || (self.grow_by(capacity(new) - room)
                    && block.wrapping_add(capacity(old)) == self.cursor)
            {
                self.cursor = block.wrapping_add(capacity(new));
                return block;
            }
        }
        // A shrunk block moves too. If it stayed it would come back as a smaller one, and a parser
        // that trims a buffer for every record would use up a new large block each time.
        // SAFETY: only the size differs from a valid layout, and a size that is too large for
        // one has no class.
        let moved =
            self.allocate(unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) });
        if moved.is_null() {
            return if new < old { block } else { moved };
        }
        // SAFETY: both are live, so they don't overlap, and hold the lesser of the two sizes.
        unsafe {
            ptr::copy_nonoverlapping(block, moved, layout.size().min(new_size));
            self.deallocate(block, layout);
        }
        moved
    }
}

#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::BatchAllocator;

#[cfg(target_arch = "wasm32")]
mod wasm {
    use core::alloc::{GlobalAlloc, Layout};
    use core::arch::wasm32::{memory_grow, memory_size};
    use core::cell::UnsafeCell;
    use core::ptr;

    use super::Arena;

    const PAGE: usize = 64 * 1024;

    /// How many pages are asked for at least when there is no memory left: 1 MiB.
    const STEP: usize = 16;

    /// Pages in a 32-bit address space, less the last: the end of a piece must be an address.
    const MAX_PAGES: usize = 65_535;

    unsafe extern "C" {
        /// Where the linker's data and stack end; defined by wasm-ld.
        static __heap_base: u8;
    }

    /// Takes what is left of the memory the module starts with, then grows it.
    fn grow(end: *mut u8, wanted: usize) -> Option<(*mut u8, *mut u8)> {
        let pages = memory_size(0).min(MAX_PAGES);
        let top = ptr::with_exposed_provenance_mut::<u8>(pages * PAGE);
        let base = (&raw const __heap_base).cast_mut();
        if end.is_null() && base.addr() < top.addr() {
            // May be too little; then we are called again.
            return Some((base, top));
        }
        let needed = wanted.div_ceil(PAGE);
        // The step may be more than the limit on memory allows, where what is needed is not.
        [needed.max(STEP), needed].into_iter().find_map(|more| {
            if more > MAX_PAGES - pages {
                return None;
            }
            let before = memory_grow(0, more);
            if before == usize::MAX {
                return None;
            }
            let start = ptr::with_exposed_provenance_mut::<u8>(before * PAGE);
            Some((start, start.wrapping_add(more * PAGE)))
        })
    }

    /// The global allocator of a parser component; see the module.
    pub(crate) struct BatchAllocator(UnsafeCell<Arena>);

    // SAFETY: there is one thread: the module refuses to compile with atomics.
    unsafe impl Sync for BatchAllocator {}

    impl BatchAllocator {
        /// An allocator without memory; it takes some at the first allocation.
        ///
        /// There may be one in a module: it owns the memory from `__heap_base` on.
        #[must_use]
        #[allow(clippy::new_without_default, reason = "only used in a static")]
        pub(crate) const fn new() -> Self {
            Self(UnsafeCell::new(Arena::new(grow)))
        }
    }

    // SAFETY: blocks of `Arena` are disjoint, at least as large and as aligned as asked for, and
    // stay so until given back. The arena never calls out, so no two of these references meet.
    unsafe impl GlobalAlloc for BatchAllocator {
        #[inline]
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as above; the caller keeps the contract of `GlobalAlloc`.
            unsafe { (*self.0.get()).allocate(layout) }
        }

        #[inline]
        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: as above; the caller keeps the contract of `GlobalAlloc`.
            unsafe { (*self.0.get()).deallocate(block, layout) }
        }

        #[inline]
        unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
            // SAFETY: as above; the caller keeps the contract of `GlobalAlloc`.
            unsafe { (*self.0.get()).reallocate(block, layout, new_size) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory for the tests: a leaked piece of 1 MiB, given out 64 KiB at a time, in order.
    fn grow(end: *mut u8, wanted: usize) -> Option<(*mut u8, *mut u8)> {
        const PIECE: usize = 1 << 20;
        thread_local!(static LIMIT: core::cell::Cell<*mut u8> = const { core::cell::Cell::new(ptr::null_mut()) });
        let start = if end.is_null() {
            let piece = Vec::leak(vec![0_u8; PIECE]).as_mut_ptr_range();
            LIMIT.set(piece.end);
            piece.start
        } else {
            end
        };
        let size = wanted.next_multiple_of(64 * 1024);
        (size <= LIMIT.get().addr() - start.addr()).then(|| (start, start.wrapping_add(size)))
    }

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 8).unwrap()
    }

    #[test]
    fn a_class_holds_its_sizes_and_wastes_at_most_a_fifth() {
        for size in (1..100_000).chain([1 << 24, (1 << 24) + 1, (1 << 31) - 1]) {
            let class = class_of(size);
            assert!(class < CLASSES, "{size}");
            assert!(capacity(class) >= size, "{size}");
            assert_eq!(class_of(capacity(class)), class, "{size}");
            assert!(class == 0 || capacity(class - 1) < size, "{size}");
            assert!(
                size <= 64 || (capacity(class) - size) * 5 <= capacity(class),
                "{size}"
            );
        }
    }

    #[test]
    fn the_arena_starts_again_when_nothing_is_live() {
        let mut arena = Arena::new(grow);
        let first = arena.allocate(layout(10));
        let second = arena.allocate(layout(1000));
        assert_ne!(first, second);
        unsafe { arena.deallocate(first, layout(10)) };
        unsafe { arena.deallocate(second, layout(1000)) };
        assert_eq!(arena.cursor, arena.base);
        assert_eq!(arena.allocate(layout(5000)), first);
    }

    #[test]
    fn what_is_dropped_in_a_batch_is_handed_out_again() {
        let mut arena = Arena::new(grow);
        let kept = arena.allocate(layout(1));
        for _ in 0..100_000 {
            let (one, two) = (arena.allocate(layout(300)), arena.allocate(layout(700)));
            assert!(!one.is_null() && !two.is_null(), "ran out of 1 MiB");
            unsafe { arena.deallocate(one, layout(300)) };
            unsafe { arena.deallocate(two, layout(700)) };
        }
        unsafe { arena.deallocate(kept, layout(1)) };
    }

    #[test]
    fn the_last_block_grows_where_it_is_and_others_move_with_their_bytes() {
        let mut arena = Arena::new(grow);
        let output = arena.allocate(layout(100));
        unsafe { output.write_bytes(7, 100) };
        let grown = unsafe { arena.reallocate(output, layout(100), 200_000) };
        assert_eq!(grown, output);
        let other = arena.allocate(layout(10));
        let moved = unsafe { arena.reallocate(grown, layout(200_000), 300_000) };
        assert_ne!(moved, grown);
        assert!((0..100).all(|at| unsafe { *moved.add(at) } == 7));
        // What it left is used for the next block of that size.
        assert_eq!(arena.allocate(layout(200_000)), output);
        unsafe { arena.deallocate(other, layout(10)) };
    }

    #[test]
    fn buffers_trimmed_in_a_batch_are_handed_out_again() {
        let mut arena = Arena::new(grow);
        let kept = arena.allocate(layout(1));
        for _ in 0..100_000 {
            let buffer = arena.allocate(layout(4000));
            let after = arena.allocate(layout(1));
            assert!(!buffer.is_null() && !after.is_null(), "ran out of 1 MiB");
            unsafe { buffer.write_bytes(7, 100) };
            let trimmed = unsafe { arena.reallocate(buffer, layout(4000), 100) };
            assert!((0..100).all(|at| unsafe { *trimmed.add(at) } == 7));
            unsafe { arena.deallocate(trimmed, layout(100)) };
            unsafe { arena.deallocate(after, layout(1)) };
        }
        unsafe { arena.deallocate(kept, layout(1)) };
    }

    #[test]
    fn a_large_alignment_is_kept() {
        let mut arena = Arena::new(grow);
        arena.allocate(layout(1));
        for align in [32, 64, 4096] {
            let block = arena.allocate(Layout::from_size_align(48, align).unwrap());
            assert_eq!(block.addr() % align, 0);
        }
    }

    #[test]
    fn memory_that_is_not_there_is_null_and_the_arena_goes_on() {
        let mut arena = Arena::new(grow);
        let kept = arena.allocate(layout(100));
        assert!(arena.allocate(layout(2 << 20)).is_null());
        assert!(unsafe { arena.reallocate(kept, layout(100), 2 << 20) }.is_null());
        assert!(arena.allocate(layout((1 << 31) + GRAIN)).is_null());
        assert!(!arena.allocate(layout(100_000)).is_null());
    }

    /// Random blocks, each filled with its own byte: none may change while it is live.
    #[test]
    fn live_blocks_never_overlap() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut arena = Arena::new(grow);
        let mut live: Vec<(*mut u8, Layout, u8)> = Vec::new();
        let intact = |&(block, layout, mark): &(*mut u8, Layout, u8)| {
            (0..layout.size()).all(|at| unsafe { *block.add(at) } == mark)
        };
        for turn in 0..200_000_u32 {
            let mark = turn.to_le_bytes()[0];
            let most = if random(10) == 0 { 5000 } else { 200 };
            let size = 1 + random(most);
            let full = live.len() > 100;
            match random(if full { 2 } else { 3 }) {
                0 if !live.is_empty() => {
                    let held = live.swap_remove(random(live.len()));
                    assert!(intact(&held));
                    unsafe { arena.deallocate(held.0, held.1) };
                }
                1 if !live.is_empty() => {
                    let at = random(live.len());
                    let (block, old, mark) = live[at];
                    assert!(intact(&live[at]));
                    let block = unsafe { arena.reallocate(block, old, size) };
                    assert!(!block.is_null());
                    let new = Layout::from_size_align(size, old.align()).unwrap();
                    let kept = (
                        block,
                        Layout::from_size_align(old.size().min(size), 1).unwrap(),
                        mark,
                    );
                    assert!(intact(&kept), "the bytes moved along");
                    unsafe { block.write_bytes(mark, size) };
                    live[at] = (block, new, mark);
                }
                _ => {
                    let align = if random(50) == 0 { 1 << random(7) } else { 8 };
                    let layout = Layout::from_size_align(size, align).unwrap();
                    let block = arena.allocate(layout);
                    assert!(!block.is_null());
                    assert_eq!(block.addr() % layout.align(), 0);
                    unsafe { block.write_bytes(mark, size) };
                    live.push((block, layout, mark));
                }
            }
        }
        assert!(live.iter().all(intact));
    }
}
