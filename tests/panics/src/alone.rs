//! What a library without the standard one needs, so that nothing is linked but the core: as small as can be, for
//! nobody runs it.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;

const SIZE: usize = 1 << 24;

/// Hands memory out and never takes it back.
struct Bump(UnsafeCell<(usize, [u8; SIZE])>);

// SAFETY: this library has one thread.
unsafe impl Sync for Bump {}

// SAFETY: the blocks never overlap, because the mark only grows, and lie within the array.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: nobody else has the pair now, for there is one thread.
        let (mark, memory) = unsafe { &mut *self.0.get() };
        let base = memory.as_mut_ptr();
        let over = (base as usize).wrapping_add(*mark) & (layout.align().wrapping_sub(1));
        let start = mark.wrapping_add(if over > 0 { layout.align().wrapping_sub(over) } else { 0 });
        *mark = start.saturating_add(layout.size());
        if *mark > SIZE { core::ptr::null_mut() } else { base.wrapping_add(start) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static BUMP: Bump = Bump(UnsafeCell::new((0, [0; SIZE])));

/// Keeps where each panic is, which is what is looked for.
#[panic_handler]
fn panic(panic: &core::panic::PanicInfo<'_>) -> ! {
    core::hint::black_box(panic.location());
    loop {}
}

/// [`drive`](crate::drive::drive), as a host calls it.
///
/// # Safety
/// `bytes` must point to `length` readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn drive(bytes: *const u8, length: usize) -> usize {
    // SAFETY: as the caller promised.
    crate::drive::drive(unsafe { core::slice::from_raw_parts(bytes, length) })
}
