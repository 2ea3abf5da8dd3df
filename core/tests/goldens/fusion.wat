(module
  (memory 1)
  (func $latch (param $n i32) (result i32)
    (local $i i32) (local $s i32)
    (loop $next
      (local.set $s (i32.add (local.get $s) (i32.load (i32.add (local.get $n) (i32.shl (local.get $i) (i32.const 2))))))
      (br_if $next (i32.ne (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $s))
  (func $countdown (param $n i32)
    (loop $next
      (br_if $next (local.tee $n (i32.add (local.get $n) (i32.const -1))))))
  (func $dot (param $a i32) (param $b i32) (param $acc f64) (result f64)
    (f64.add (local.get $acc) (f64.mul (f64.load (i32.add (local.get $a) (i32.const 8))) (f64.load offset=16 (local.get $b)))))
  (func $field (param i32) (result i32)
    (i32.and (i32.shr_u (local.get 0) (i32.const 3)) (i32.const 15)))
  (func $rotate (param i32 i32 i32)
    (local i32)
    (local.set 3 (local.get 0))
    (local.set 0 (local.get 1))
    (local.set 1 (local.get 2))
    (local.set 2 (local.get 3)))
  ;; A dropped product is not the operand that stands where it stood.
  (func $dropped (param f64 f64) (result f64)
    (drop (f64.mul (local.get 0) (local.get 1)))
    (f64.add (local.get 0) (local.get 1)))
  (func $dropped_compare (param i32 i32) (result i32)
    (block
      (drop (i32.lt_s (local.get 0) (i32.const 3)))
      (br_if 0 (local.get 1))
      (return (i32.const 1)))
    (i32.const 2))
  ;; A load behind a step: from the sum, from where the step began, from a sum of two locals.
  (func $next (param $p i32) (result i32)
    (i32.load offset=8 (local.tee $p (i32.add (local.get $p) (i32.const 4)))))
  (func $fetch (param $p i32) (param $q i32) (result i32)
    (local.set $q (i32.add (local.get $p) (i32.const 1)))
    (i32.load8_u (local.get $p)))
  (func $stride (param $p i32) (param $n i32) (result f64)
    (f64.load (local.tee $p (i32.add (local.get $p) (local.get $n)))))
  ;; Two steps, and a latch of two counters.
  (func $steps (param $p i32) (param $q i32) (param $n i32)
    (loop $next
      (i32.store (local.get $p) (local.get $q))
      (local.set $p (i32.add (local.get $p) (i32.const 8)))
      (local.set $q (i32.add (local.get $q) (i32.const 1)))
      (br_if $next (i32.ne (local.get $q) (local.get $n))))
    (local.set $p (i32.add (local.get $n) (i32.const 8)))
    (local.set $q (i32.add (local.get $p) (i32.const 1)))
    (i32.store (local.get $p) (local.get $q)))
  (func $min (param i32 i32) (result i32)
    (select (local.get 0) (local.get 1) (i32.le_u (local.get 0) (local.get 1))))
  (func $clamp (param i64 i32) (result i64)
    (select (local.get 0) (i64.const 9) (i32.eqz (i32.gt_s (local.get 1) (i32.const 3)))))
  (func $mix (param i64) (result i64)
    (i64.xor (local.get 0) (i64.shr_u (local.get 0) (i64.const 33))))
  (func $mixed_kinds (param i64 i32) (result i32)
    (i32.xor (i32.wrap_i64 (i64.shr_u (local.get 0) (i64.const 33))) (local.get 1)))
  ;; Branches back write short headers again.
  (func $length (param $p i32) (result i32)
    (local $n i32)
    (block $end
      (loop $next
        (br_if $end (i32.eqz (i32.load8_u (i32.add (local.get $p) (local.get $n)))))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br $next)))
    (local.get $n))
  (func $while (param $n i32)
    (loop $next
      (if (local.get $n) (then
        (local.set $n (i32.shr_u (local.get $n) (i32.const 1)))
        (br $next)))))
  (func $machine (param $pc i32) (result i32)
    (local $acc i32)
    (loop $next
      (block $double
        (block $increment
          (block $stop
            (br_table $stop $increment $double (i32.load8_u (local.get $pc))))
          (return (local.get $acc)))
        (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
        (local.set $acc (i32.add (local.get $acc) (i32.const 1)))
        (br $next))
      (local.set $pc (i32.add (local.get $pc) (i32.const 1)))
      (local.set $acc (i32.shl (local.get $acc) (i32.const 1)))
      (br $next))
    (unreachable))
  ;; Not a header with a call: what it throws is caught by ranges of code.
  (func $calls (param $n i32)
    (loop $next
      (if (call $field (local.get $n)) (then (br $next))))))
