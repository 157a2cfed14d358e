"""The behaviour of every element of BPMN, as SpiffWorkflow task specs of our own.

SpiffWorkflow gives the task with its life cycle, the task spec with its hooks, the process spec and the workflow with its
sub-workflows. It predicts nothing here: a token is made when it arrives, and gone when it has left, so that nothing of the past is
left that a later round could trip over. Standard: OMG BPMN 2.0.2, chapter 13."""
