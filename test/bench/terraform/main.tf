# What the bench compares with: the stack that `agentkeys-ses-routing deploy` makes, in Terraform.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "endpoint" { type = string }
variable "account" { type = string }
variable "region" { type = string }
variable "bucket" { type = string }
variable "mail_domain" { type = string }

# The path of the function's zip.
variable "package" { type = string }

provider "aws" {
  region                  = var.region
  allowed_account_ids     = [var.account]
  s3_use_path_style       = true
  skip_metadata_api_check = true

  endpoints {
    events = var.endpoint
    iam    = var.endpoint
    lambda = var.endpoint
    logs   = var.endpoint
    s3     = var.endpoint
    sts    = var.endpoint
  }

  default_tags {
    tags = { managed-by = "agentkeys-ses-routing" }
  }
}

locals {
  name       = "agentkeys-ses-routing"
  bucket_arn = "arn:aws:s3:::${var.bucket}"
}

resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${local.name}"
  retention_in_days = 30
}

resource "aws_iam_role" "execution" {
  name = "${local.name}-role"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name = "${local.name}-role-inline"
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "ReadInbound", Effect = "Allow", Action = "s3:GetObject", Resource = "${local.bucket_arn}/inbound/*" },
      {
        Sid       = "ListInbound"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.bucket_arn
        Condition = { StringLike = { "s3:prefix" = "inbound/*" } }
      },
      { Sid = "WriteRouted", Effect = "Allow", Action = "s3:PutObject", Resource = "${local.bucket_arn}/bots/*/inbound/*" },
      {
        Sid      = "WriteLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.function.arn}:*"
      },
    ]
  })
}

resource "aws_lambda_function" "routing" {
  function_name    = local.name
  description      = "Routes mail from inbound/ to the wallet it is for (agentkeys-ses-routing)"
  role             = aws_iam_role.execution.arn
  runtime          = "nodejs22.x" # older providers refuse nodejs24.x
  handler          = "index.handler"
  architectures    = ["arm64"]
  memory_size      = 256
  timeout          = 30
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)

  environment {
    variables = {
      ACCOUNT_ID    = var.account
      BUCKET        = var.bucket
      DELETE_SOURCE = "false"
      MAIL_DOMAIN   = var.mail_domain
      PREFIXES      = "or"
    }
  }

  depends_on = [aws_iam_role_policy.execution]
}

resource "aws_lambda_function_event_invoke_config" "routing" {
  function_name                = aws_lambda_function.routing.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600
}

resource "aws_cloudwatch_event_rule" "inbound" {
  name        = "${local.name}-inbound"
  description = "New mail in inbound/ goes to the function that routes it (agentkeys-ses-routing)"
  event_pattern = jsonencode({
    source        = ["aws.s3"]
    "detail-type" = ["Object Created"]
    detail        = { bucket = { name = [var.bucket] }, object = { key = [{ prefix = "inbound/" }] } }
  })
}

resource "aws_cloudwatch_event_target" "routing" {
  rule      = aws_cloudwatch_event_rule.inbound.name
  target_id = local.name
  arn       = aws_lambda_function.routing.arn

  retry_policy {
    maximum_event_age_in_seconds = 86400
    maximum_retry_attempts       = 185
  }
}

resource "aws_lambda_permission" "events" {
  statement_id  = "${local.name}-events"
  function_name = aws_lambda_function.routing.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.inbound.arn
}

resource "aws_s3_bucket_notification" "mail" {
  bucket      = var.bucket
  eventbridge = true
}

resource "aws_iam_role_policy" "broker" {
  name = "${local.name}-broker"
  role = "agentkeys-broker-host"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "ListInbound"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = local.bucket_arn
        Condition = { StringLike = { "s3:prefix" = "inbound/*" } }
      },
      { Sid = "ReadInbound", Effect = "Allow", Action = "s3:GetObject", Resource = "${local.bucket_arn}/inbound/*" },
      { Sid = "NeverReadRouted", Effect = "Deny", Action = "s3:GetObject*", Resource = "${local.bucket_arn}/bots/*/inbound/*" },
    ]
  })
}
