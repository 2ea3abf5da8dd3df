;; Results that only the next op takes, and those that somebody else reads after all.
(module
  (memory 1)
  (func $chain (param i64) (result i64)
    (i64.shr_u (i64.mul (i64.xor (local.get 0) (i64.const 5)) (i64.const 31)) (i64.const 7)))
  ;; The comparison is taken back for the `select`, which reads slots.
  (func $select (param i32 i32 i32) (result i32)
    (select (local.get 1) (local.get 2) (i32.lt_s (i32.load (local.get 0)) (i32.const 3))))
  ;; Comparison and `eqz` are taken back for the branch, which reads the register again.
  (func $not_equal (param i32) (result i32)
    (if (result i32) (i32.eqz (f32.eq (f32.load (local.get 0)) (f32.const 1)))
      (then (i32.const 1)) (else (i32.const 2))))
  ;; The step is taken back for the branch, which reads the slot of the loaded value.
  (func $step (param i32) (local i32)
    (loop
      (local.set 1 (i32.add (i32.load (local.get 0)) (i32.const 1)))
      (br_if 0 (local.get 1))))
  ;; A load takes the addition in, and the value that was added.
  (func $chase (param i32) (result i32)
    (i32.load (i32.add (i32.load (local.get 0)) (i32.const 8))))
  ;; The value is carried by the branch, so it is not only the next op that wants it.
  (func $carried (param i32) (result i32)
    (block (result i32)
      (drop (br_if 0 (i32.load (local.get 0)) (local.get 0)))
      (i32.const 9)))
  ;; The value belongs to a local, which lives on.
  (func $local (param i32) (result i32)
    (i32.mul (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
  ;; Not the next op: a call stands between.
  (func $later (param i32) (result i32)
    (i32.add (i32.load (local.get 0)) (call $local (i32.const 1))))
  (func $stored (param i32 i64)
    (i64.store (i32.load offset=4 (local.get 0)) (local.get 1))
    (i64.store (local.get 0) (i64.add (local.get 1) (local.get 1)))))
