;; A branch of a bank: uses everything that it imports, and has a resource of its own.
(component
  (import "example:bank/accounts@0.1.0" (instance $accounts
    (type $amount' s64)
    (export "amount" (type $amount (eq $amount')))
    (type $refusal' (variant (case "insufficient" $amount) (case "unknown-owner" string) (case "closed")))
    (export "refusal" (type $refusal (eq $refusal')))
    (type $currency' (enum "euro" "yen"))
    (export "currency" (type $currency (eq $currency')))
    (type $rights' (flags "deposit" "withdraw"))
    (export "rights" (type $rights (eq $rights')))
    (export "account" (type $account (sub resource)))
    (export "[constructor]account" (func (param "owner" string) (param "currency" $currency) (result (own $account))))
    (export "[method]account.owner" (func (param "self" (borrow $account)) (result string)))
    (export "[method]account.move"
      (func (param "self" (borrow $account)) (param "amount" $amount) (result (result $amount (error $refusal)))))
    (export "[static]account.merge"
      (func (param "a" (own $account)) (param "b" (own $account)) (result (option (own $account)))))
    (export "rights-of" (func (param "of" (borrow $account)) (result $rights)))
    (export "close-all" (func))))
  (import "log" (func $log (param "line" string)))
  (import "time" (instance $time (export "now" (func (result u64)))))
  (alias export $accounts "account" (type $account))
  (alias export $accounts "refusal" (type $refusal))
  (alias export $accounts "amount" (type $amount))

  (core module $memory
    (memory (export "memory") 1)
    (data (i32.const 16) "bank")
    (data (i32.const 32) "gone")
    (global $free (mut i32) (i32.const 4096))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $memory (instantiate $memory))
  (alias core export $memory "memory" (core memory $m))
  (alias core export $memory "realloc" (core func $realloc))

  (core func $open (canon lower (func $accounts "[constructor]account") (memory $m)))
  (core func $owner (canon lower (func $accounts "[method]account.owner") (memory $m) (realloc $realloc)))
  (core func $move (canon lower (func $accounts "[method]account.move") (memory $m) (realloc $realloc)))
  (core func $merge (canon lower (func $accounts "[static]account.merge") (memory $m)))
  (core func $rights-of (canon lower (func $accounts "rights-of")))
  (core func $close-all (canon lower (func $accounts "close-all")))
  (core func $log (canon lower (func $log) (memory $m)))
  (core func $now (canon lower (func $time "now")))

  ;; A counter is where its next number lies.
  (core module $drop
    (import "host" "log" (func $log (param i32 i32)))
    (func (export "drop") (param i32)
      (call $log (i32.const 32) (i32.const 4))))
  (core instance $drop (instantiate $drop (with "host" (instance (export "log" (func $log))))))
  (type $counter' (resource (rep i32) (dtor (core func $drop "drop"))))
  (core func $new (canon resource.new $counter'))

  (core module $branch
    (import "host" "open" (func $open (param i32 i32 i32) (result i32)))
    (import "host" "owner" (func $owner (param i32 i32)))
    (import "host" "move" (func $move (param i32 i64 i32)))
    (import "host" "merge" (func $merge (param i32 i32 i32)))
    (import "host" "rights-of" (func $rights-of (param i32) (result i32)))
    (import "host" "close-all" (func $close-all))
    (import "host" "log" (func $log (param i32 i32)))
    (import "host" "now" (func $now (result i64)))
    (import "host" "new" (func $new (param i32) (result i32)))
    (import "memory" "memory" (memory 1))
    (import "memory" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))

    ;; Logs the owner, takes 5 if that may be done, and gives back the account together with a new one of the bank.
    (func (export "audit") (param $account i32) (result i32)
      (call $owner (local.get $account) (i32.const 1024))
      (call $log (i32.load (i32.const 1024)) (i32.load (i32.const 1028)))
      ;; Flag 1: withdraw.
      (if (i32.and (call $rights-of (local.get $account)) (i32.const 2))
        (then (call $move (local.get $account) (i64.const -5) (i32.const 1040))))
      (call $merge (local.get $account) (call $open (i32.const 16) (i32.const 4) (i32.const 1)) (i32.const 1080))
      (call $close-all)
      (if (i32.eqz (i32.load8_u (i32.const 1080))) (then (unreachable)))
      (i32.load (i32.const 1084)))

    ;; Of `code` 0 it returns nothing; of others the refusal with the number before, with what is in the first entry.
    (func (export "note") (param $entries i32) (param $count i32) (param $code i32) (param f64) (result i32)
      (i32.store8 (i32.const 1024) (i32.ne (local.get $code) (i32.const 0)))
      (i32.store8 (i32.const 1032) (i32.sub (local.get $code) (i32.const 1)))
      (if (i32.eq (local.get $code) (i32.const 1))
        (then (i64.store (i32.const 1040) (i64.load offset=8 (local.get $entries)))))
      (if (i32.eq (local.get $code) (i32.const 2))
        (then (i64.store (i32.const 1040) (i64.load (local.get $entries)))))
      (i32.const 1024))

    ;; A hundred for each word, the length of `maybe` or 99, and the time.
    (func (export "type") (param $words i32) (param $count i32) (param $is-some i32) (param i32) (param $len i32) (result i32)
      (i32.add
        (i32.add
          (i32.mul (local.get $count) (i32.const 100))
          (select (local.get $len) (i32.const 99) (local.get $is-some)))
        (i32.wrap_i64 (call $now))))

    (func (export "counter") (param $start i32) (result i32)
      (local $at i32)
      (local.set $at (call $realloc (i32.const 0) (i32.const 0) (i32.const 4) (i32.const 4)))
      (i32.store (local.get $at) (local.get $start))
      (call $new (local.get $at)))
    (func (export "next") (param $at i32) (result i32)
      (i32.store (local.get $at) (i32.add (i32.load (local.get $at)) (i32.const 1)))
      (i32.sub (i32.load (local.get $at)) (i32.const 1))))
  (core instance $branch (instantiate $branch
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "open" (func $open))
      (export "owner" (func $owner))
      (export "move" (func $move))
      (export "merge" (func $merge))
      (export "rights-of" (func $rights-of))
      (export "close-all" (func $close-all))
      (export "log" (func $log))
      (export "now" (func $now))
      (export "new" (func $new))))))

  (func (export "type") (param "words" (list string)) (param "maybe" (option string)) (result u32)
    (canon lift (core func $branch "type") (memory $m) (realloc $realloc)))

  (type $entry' (record (field "owner" string) (field "cents" $amount)))
  (func $note (param "entries" (list $entry')) (param "self" (tuple u32 f64)) (result (result (error $refusal)))
    (canon lift (core func $branch "note") (memory $m) (realloc $realloc)))
  (func $audit (param "of" (own $account)) (result (own $account))
    (canon lift (core func $branch "audit")))
  (component $ledger
    (import "account" (type $account (sub resource)))
    (type $amount' s64)
    (import "amount" (type $amount (eq $amount')))
    (type $refusal' (variant (case "insufficient" $amount) (case "unknown-owner" string) (case "closed")))
    (import "refusal" (type $refusal (eq $refusal')))
    (type $entry' (record (field "owner" string) (field "cents" $amount)))
    (import "entry" (type $entry (eq $entry')))
    (import "note" (func $note
      (param "entries" (list $entry)) (param "self" (tuple u32 f64)) (result (result (error $refusal)))))
    (import "audit" (func $audit (param "of" (own $account)) (result (own $account))))
    (export $exported-account "account" (type $account))
    (export $exported-refusal "refusal" (type $refusal))
    (export "cents" (type $amount))
    (export $exported-entry "entry" (type $entry))
    (export "note" (func $note) (func
      (param "entries" (list $exported-entry)) (param "self" (tuple u32 f64)) (result (result (error $exported-refusal)))))
    (export "audit" (func $audit) (func (param "of" (own $exported-account)) (result (own $exported-account)))))
  (instance $ledger (instantiate $ledger
    (with "account" (type $account))
    (with "amount" (type $amount))
    (with "refusal" (type $refusal))
    (with "entry" (type $entry'))
    (with "note" (func $note))
    (with "audit" (func $audit))))
  (export "example:bank/ledger@0.1.0" (instance $ledger))

  (func $counter (param "start" u32) (result (own $counter')) (canon lift (core func $branch "counter")))
  (func $next (param "self" (borrow $counter')) (result u32) (canon lift (core func $branch "next")))
  (component $teller
    (import "counter" (type $counter (sub resource)))
    (import "new" (func $new (param "start" u32) (result (own $counter))))
    (import "next" (func $next (param "self" (borrow $counter)) (result u32)))
    (export $exported "counter" (type $counter))
    (export "[constructor]counter" (func $new) (func (param "start" u32) (result (own $exported))))
    (export "[method]counter.next" (func $next) (func (param "self" (borrow $exported)) (result u32))))
  (instance $teller (instantiate $teller
    (with "counter" (type $counter'))
    (with "new" (func $counter))
    (with "next" (func $next))))
  (export "teller" (instance $teller)))
