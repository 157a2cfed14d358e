"""The emergency room: which plans there are and run, the board of one that runs, drills. What a plan does stands in its diagram
(processes/plan_*, processes/emergency_*); here it is only read."""
