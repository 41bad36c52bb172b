//! A process that dies at any step, and the ones after it: nothing lost, nothing doubled.
//!
//! Every step with an effect outside has two points, before and after it; a delivery has more, with
//! some of a container's artifacts there. Each process has another clock, another parser, other
//! sizes of batches and another order of partitions, so that only the intent can make the same
//! batch again.

use super::world::{World, go};

/// Three batches of two partitions, with every fate a record can have.
fn world() -> World {
    World::new(&[
        (0, 5, &["a", "b", "poison", "c", "filter"]),
        (1, 0, &["d", "reject", "e", "unwanted"]),
    ])
    .batches_of(&[3])
}

/// The next process.
pub(super) fn restarted(mut world: World, steps: Option<usize>) -> World {
    world.run += 1;
    world.dead = false;
    world.made = 0;
    world.steps = steps;
    let size = [3, 2, 4, 9, 1][usize::try_from(world.run).unwrap() % 5];
    let world = world.batches_of(&[size]);
    if world.run % 2 == 1 {
        world.interleaved()
    } else {
        world
    }
}

/// How many steps a process makes that is left alone.
fn steps(world: &World) -> usize {
    let mut alone = world.clone();
    alone.steps = None;
    go(alone).1.made
}

/// Kills processes one after the other, each at every step it could come to, `deaths` of them; then
/// one is left alone. The number of histories.
fn enumerate(world: &World, deaths: usize) -> usize {
    let (result, end) = go(world.clone());
    result.expect("left alone, it comes to its end");
    end.expect_all_there();
    if deaths == 0 {
        return 1;
    }
    let mut histories = 1;
    for step in 0..steps(world) {
        let mut dying = world.clone();
        dying.steps = Some(step);
        let (result, dead) = go(dying);
        assert!(result.is_err() && dead.dead);
        histories += enumerate(&restarted(dead, None), deaths - 1);
    }
    histories
}

#[test]
fn a_death_at_any_step_costs_nothing() {
    let world = world();
    let steps = steps(&world);
    assert!(steps > 30, "{steps} steps are not three batches");
    assert_eq!(enumerate(&world, 1), steps + 1);
}

#[test]
fn three_deaths_at_any_steps_cost_nothing() {
    let histories = enumerate(&world(), 3);
    assert!(histories > 10_000, "{histories}");
}

#[test]
fn without_the_intent_a_death_would_double() {
    // The check can fail: a state that forgets intents loses the name of a batch.
    let world = world();
    let doubled = (0..steps(&world)).any(|step| {
        let mut dying = world.clone();
        dying.steps = Some(step);
        let next = restarted(go(dying).1.without_intent(), None);
        let again = std::panic::catch_unwind(|| go(next).1.expect_all_there());
        again.is_err()
    });
    assert!(doubled);
}
