//! The foundation beside plain collections, under random operations.

use std::collections::{BTreeMap, BTreeSet};
use std::vec::Vec;

use super::change::{Change, change_mask};
use super::handle::Handle;
use super::link::{LONGEST_CHAIN, Link};
use super::links::{Beside, Links, Pairs, Within};
use super::names::{Name, NameBucket, Names};
use super::pool::{Cell, Member, Pool};
use super::table::{Entry, Groups, Slot, Table};

change_mask! {
    /// What changes of a [`Thing`].
    pub struct ThingChanges {
        KEY = 0, "The key.";
        GROUP = 1, "The group.";
    }
}

#[derive(Clone, Copy, Debug)]
struct Thing {
    key: u32,
    group: u32,
    hash: fn(u32) -> u32,
}

impl Entry for Thing {
    type What = ThingChanges;
    type Align = u32;
    const EMPTY: Self = Self { key: 0, group: 0, hash: good };

    fn unique(&self, _: usize) -> Option<u32> {
        Some((self.hash)(self.key))
    }

    fn group(&self, _: usize) -> Option<u32> {
        (self.group != 0).then(|| (self.hash)(self.group))
    }
}

fn good(key: u32) -> u32 {
    super::hash::Hash::new().number(key).finish()
}

fn bad(_: u32) -> u32 {
    7
}

struct Random(u64);

impl Random {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as u32) % end
    }
}

type Slots<const N: usize> = [Slot<Thing, 1, 1>; N];

fn find<L: Links>(table: &Table<'_, Thing, 1, 1, L>, hash: fn(u32) -> u32, key: u32) -> Option<Handle<Thing>> {
    table.find(0, hash(key), |thing| thing.key == key)
}

#[test]
fn a_table_is_what_a_map_is() {
    is_a_map::<Within<1, 1>>();
}

#[test]
fn a_table_whose_links_stand_apart_is_too() {
    is_a_map::<Beside<2>>();
}

fn is_a_map<L: Links>() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut slots: [Slot<Thing, 1, 1, L>; 24] = [Slot::EMPTY; 24];
        let mut apart = [L::APART; 24];
        let mut table = Table::with_links(&mut slots, &mut apart, Some(&Groups::ALL));
        let mut model: BTreeMap<u32, (Handle<Thing>, Thing)> = BTreeMap::new();
        let mut gone = Vec::new();
        for _ in 0..1_000 {
            let (key, group) = (random.below(40), random.below(4));
            match (random.below(5), find(&table, good, key)) {
                (0 | 1, None) => {
                    let value = Thing { key, group, hash: good };
                    let inserted = table.insert(value);
                    assert_eq!(inserted.is_some(), model.len() < 24);
                    model.extend(inserted.map(|handle| (key, (handle, value))));
                }
                (2, Some(handle)) => {
                    let other = random.below(40);
                    if !model.contains_key(&other) {
                        table.edit(handle, |thing| (thing.key, thing.group) = (other, group));
                        table.mark(handle, ThingChanges::KEY);
                        model.remove(&key);
                        model.insert(other, (handle, Thing { key: other, group, hash: good }));
                    }
                }
                (3, Some(handle)) => {
                    table.end(handle);
                    gone.push(handle);
                    model.remove(&key);
                }
                (4, _) => drop(table.poll()),
                _ => {}
            }
            check(&table, &model);
        }
        while table.poll().is_some() {}
        assert!(gone.iter().all(|handle| table.get(*handle).is_none()), "a handle has come to mean another entry");
    }
}

#[test]
fn a_table_has_room_for_what_has_a_slot_and_links() {
    let mut slots: [Slot<Thing, 1, 1, Beside<2>>; 5] = [Slot::EMPTY; 5];
    let mut apart = [Pairs::EMPTY; 3];
    let mut table = Table::with_links(&mut slots, &mut apart, Some(&Groups::ALL));
    assert_eq!(table.counters().capacity, 3);
    let all: Vec<_> = (0..5).filter_map(|key| table.insert(Thing { key, group: 1, hash: good })).collect();
    assert_eq!((all.len(), table.group(0, good(1)).count()), (3, 3));
    assert!((0..3).all(|key| find(&table, good, key).is_some()));
    let mut none = Table::<Thing, 1, 1, Beside<2>>::with_links(&mut slots, &mut [], Some(&Groups::ALL));
    assert!(none.insert(Thing { key: 1, group: 1, hash: good }).is_none());
}

fn check<L: Links>(table: &Table<'_, Thing, 1, 1, L>, model: &BTreeMap<u32, (Handle<Thing>, Thing)>) {
    assert_eq!(table.counters().live, model.len());
    for key in 0..40 {
        assert_eq!(find(table, good, key), model.get(&key).map(|(handle, _)| *handle));
    }
    let all: BTreeSet<_> = table.iter().map(|(handle, thing)| (thing.key, handle)).collect();
    assert_eq!(all, model.iter().map(|(key, (handle, _))| (*key, *handle)).collect());
    for group in 1..4 {
        let listed = table.group(0, good(group)).filter(|(_, thing)| thing.group == group);
        let listed: BTreeSet<_> = listed.map(|(handle, _)| handle).collect();
        let wanted = model.values().filter(|(_, thing)| thing.group == group).map(|(handle, _)| *handle);
        assert_eq!(listed, wanted.collect());
    }
}

#[test]
fn changes_are_told_once_and_ends_can_be_read() {
    let mut slots: Slots<3> = [Slot::EMPTY; 3];
    let mut table = Table::new(&mut slots);
    let [a, b, c] = [1, 2, 3].map(|key| table.insert(Thing { key, group: 0, hash: good }).unwrap());
    table.mark(b, ThingChanges::KEY);
    table.mark(a, ThingChanges::GROUP);
    table.mark(b, ThingChanges::GROUP);
    table.end(c);
    assert_eq!(table.poll(), Some(Change::Ended(c, ThingChanges::NONE)));
    assert_eq!(table.get(c).map(|thing| thing.key), Some(3));
    assert_eq!(table.poll(), Some(Change::Changed(b, ThingChanges::ALL)));
    assert!(table.get(c).is_none());
    assert_eq!(table.poll(), Some(Change::Changed(a, ThingChanges::GROUP)));
    assert_eq!(table.poll(), None);
}

#[test]
fn an_end_that_nobody_takes_makes_room_and_is_told_as_lost() {
    let mut slots: Slots<2> = [Slot::EMPTY; 2];
    let mut table = Table::new(&mut slots);
    let [a, b] = [1, 2].map(|key| table.insert(Thing { key, group: 0, hash: good }).unwrap());
    assert!(table.insert(Thing { key: 3, group: 0, hash: good }).is_none());
    table.end(b);
    table.end(a);
    let c = table.insert(Thing { key: 3, group: 0, hash: good }).unwrap();
    assert!(table.get(b).is_none() && c.slot() == b.slot());
    assert_eq!(table.poll(), Some(Change::Lost));
    assert_eq!(table.poll(), Some(Change::Ended(a, ThingChanges::NONE)));
    assert_eq!(table.poll(), None);
    assert_eq!((table.counters().lost, table.counters().high_water), (1, 2));
}

#[test]
fn the_one_that_goes_is_the_lowest_of_the_next_slots() {
    let mut slots: Slots<100> = [Slot::EMPTY; 100];
    let mut table = Table::new(&mut slots);
    let all: Vec<_> = (0..100).map(|key| table.insert(Thing { key, group: 0, hash: good }).unwrap()).collect();
    assert_eq!(table.victim(|_, thing| Some(thing.key.abs_diff(5))), Some(all[5]));
    assert_eq!(table.victim(|_, thing| Some(thing.key.abs_diff(5))), Some(all[5]), "round the end");
    assert_eq!(table.victim(|_, thing| (thing.key == 99).then_some(0)), None, "from 28 to 91");
    assert_eq!(table.victim(|_, thing| (thing.key == 99).then_some(0)), Some(all[99]));
    assert_eq!(table.victim(|_, _| None::<u32>), None);
}

#[test]
fn keys_of_one_hash_are_bounded_and_counted() {
    let mut slots: Slots<100> = [Slot::EMPTY; 100];
    let mut table = Table::new(&mut slots);
    let all: Vec<_> = (0..40).map(|key| table.insert(Thing { key, group: 1, hash: bad }).unwrap()).collect();
    let found = (0..40).filter(|key| find(&table, bad, *key).is_some()).count();
    assert_eq!((found, table.counters().crowded), (LONGEST_CHAIN, 8));
    assert_eq!(table.group(0, bad(1)).count(), 40);
    for handle in all {
        table.end(handle);
    }
    assert_eq!((table.counters().live, table.group(0, bad(1)).count()), (0, 0));
}

#[test]
fn handles_of_before_do_not_find_the_entries_of_a_new_table() {
    let mut slots: Slots<2> = [Slot::EMPTY; 2];
    let before = Table::new(&mut slots).insert(Thing { key: 1, group: 0, hash: good }).unwrap();
    let mut table = Table::new(&mut slots);
    assert!(table.counters().live == 0 && table.get(before).is_none());
    let after: Vec<_> = (0..2).map(|key| table.insert(Thing { key, group: 0, hash: good }).unwrap()).collect();
    assert!(!after.contains(&before));
}

#[test]
fn names_are_kept_once_and_as_long_as_they_are_used() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut room = [Name::EMPTY; 10];
        let mut buckets = [NameBucket::EMPTY; 10];
        let mut names = Names::new(&mut room, &mut buckets);
        let mut model: BTreeMap<u32, (Link, u32)> = BTreeMap::new();
        for _ in 0..1_000 {
            let key = random.below(15);
            let text = std::format!("{key}@contact.center.example.com");
            if random.below(2) == 0 {
                let taken = names.take(text.as_bytes());
                assert_eq!(taken.is_some(), model.contains_key(&key) || model.len() < 10);
                if let Some(link) = taken {
                    let entry = model.entry(key).or_insert((link, 0));
                    assert_eq!(entry.0, link);
                    entry.1 += 1;
                }
            } else if let Some((link, uses)) = model.get_mut(&key) {
                names.put_back(*link);
                *uses -= 1;
                if *uses == 0 {
                    model.remove(&key);
                }
            }
            assert_eq!(names.counters().live, model.len());
            assert_eq!(names.find(text.as_bytes()), model.get(&key).map(|(link, _)| *link));
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Number(u32);

impl Member for Number {
    const EMPTY: Self = Self(0);
}

#[test]
fn members_stand_in_lists_in_the_order_in_which_they_joined() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let mut cells = [Cell::<Number, 2>::EMPTY; 20];
        let mut pool = Pool::new(&mut cells);
        let mut heads = [[Link::NONE; 2]; 3];
        let mut model: [Vec<(Link, u32)>; 3] = Default::default();
        for number in 0..1_000 {
            let owner = random.below(3) as usize;
            if random.below(2) == 0 {
                if let Some(link) = pool.insert(Number(number)) {
                    (0..2).for_each(|list| pool.join(list, &mut heads[owner][list], link));
                    model[owner].push((link, number));
                }
            } else if !model[owner].is_empty() {
                let at = random.below(u32::try_from(model[owner].len()).unwrap()) as usize;
                let (link, _) = model[owner].remove(at);
                (0..2).for_each(|list| pool.leave(list, &mut heads[owner][list], link));
                pool.remove(link);
            }
            for (heads, model) in heads.iter().zip(&model) {
                for (list, head) in heads.iter().enumerate() {
                    let listed: Vec<_> = pool.iter(list, *head).map(|(link, number)| (link, number.0)).collect();
                    assert_eq!(listed, *model);
                }
            }
        }
        assert_eq!(pool.counters().live, model.iter().map(Vec::len).sum());
    }
}
