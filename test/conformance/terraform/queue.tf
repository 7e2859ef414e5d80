# What the bench's stack does not have: a queue of failed events, which the function polls.
resource "aws_sqs_queue" "retry" {
  name                       = "${local.name}-retry"
  visibility_timeout_seconds = 180
  message_retention_seconds  = 1209600
}

resource "aws_iam_role_policy" "retry" {
  name = "${local.name}-retry"
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "PollRetryQueue"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
      Resource = aws_sqs_queue.retry.arn
    }]
  })
}

resource "aws_lambda_event_source_mapping" "retry" {
  event_source_arn        = aws_sqs_queue.retry.arn
  function_name           = aws_lambda_function.routing.arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]

  depends_on = [aws_iam_role_policy.retry]
}
