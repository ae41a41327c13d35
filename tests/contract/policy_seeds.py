"""For each policy, ways to break it: a change of the template that a person may make."""

from tests.contract.seeding import (
    Seed,
    adds,
    attribute,
    common,
    crowded,
    drops,
    grants,
    parameter,
    puts,
)
from tests.contract.stack import ALARM
from tests.contract.template import Intrinsic

STATEMENT = ("Policies", 0, "PolicyDocument", "Statement", 0)
TRUST = ("AssumeRolePolicyDocument", "Statement", 0, "Principal")
SCHEDULE = ("Events", "EveryMinute", "Properties")
POLL = ("Events", "Announced", "Properties")
START = "POST /api/realtime-session"
DENIED = {"redrivePermission": "denyAll"}

SEEDS: dict[str, list[Seed]] = {
    "a_role_is_of_one_function": [
        puts("AiFunction", "Role", value=Intrinsic("GetAtt", "AdminRole.Arn")),
        drops("AiFunction", "Role"),
        puts("AiRole", *TRUST, value={"AWS": "*"}),
    ],
    "no_role_has_a_wildcard": [
        grants("WidgetRole", "dynamodb:*"),
        grants("WidgetRole", "dynamodb:GetItem", "*"),
        grants("WidgetRole", "dynamodb:GetItem", Intrinsic("Sub", "${Table.Arn}/index/*")),
        grants("WidgetRole", "sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:theirs"),
        puts("WidgetRole", *STATEMENT, "NotAction", value="dynamodb:Scan"),
        puts(
            "WidgetRole", "ManagedPolicyArns", value=["arn:aws:iam::aws:policy/AdministratorAccess"]
        ),
        puts("WidgetFunction", "Policies", value=["AmazonDynamoDBFullAccess"]),
    ],
    "no_role_can_harm_the_stack": [
        grants("AdminRole", "dynamodb:Scan"),
        grants("AdminRole", "dynamodb:DeleteTable"),
        grants("AdminRole", "iam:PassRole"),
    ],
    "secrets_are_references": [
        common("Environment", "Variables", "STRIPE_SECRET_KEY", value="x"),
        common("Environment", "Variables", "LLM_MODEL", value="sk_live_0123"),
        common("Environment", "Variables", "APP_URL", value="{{resolve:ssm:/greenroom/key}}"),
        parameter("OpenaiApiKey", "Default", "x"),
        parameter("AppUrl", "NoEcho", value=True),
        puts("Secret", "SecretString", value="{}"),
    ],
    "access_is_logged_without_what_was_sent": [
        drops("Api", "AccessLogSettings"),
        puts("WidgetApi", "AccessLogSettings", "Format", value="$context.routeKey $context.path"),
        puts("Api", "AccessLogSettings", "Format", value="$context.status"),
    ],
    "routes_have_rates": [
        drops("Api", "RouteSettings", START),
        drops("Api", "DefaultRouteSettings"),
        puts(
            "Api",
            "RouteSettings",
            START,
            "ThrottlingRateLimit",
            value=Intrinsic("Ref", "RequestsPerSecond"),
        ),
        puts("WidgetApi", "RouteSettings", "POST /api/widget/{key}/nobody", value={}),
        parameter("OpenRequestsBurst", "Default", 1000),
    ],
    "origins_are_exact": [
        parameter("AllowedOrigins", "AllowedPattern"),
        parameter("AllowedOrigins", "Default", "https://app.example.com"),
        puts("Api", "CorsConfiguration", "AllowOrigins", value=["*"]),
        puts("Api", "CorsConfiguration", "AllowHeaders", value=["*"]),
        puts("Api", "CorsConfiguration", "AllowCredentials", value=True),
        puts("Api", "CorsConfiguration", value=True),
    ],
    "nothing_is_open_to_the_world": [
        puts("AiFunction", "FunctionUrlConfig", value={"AuthType": "NONE"}),
        adds("Open", "AWS::Lambda::Permission", Principal="*"),
        adds("Open", "AWS::SQS::QueuePolicy", Queues=["x"]),
    ],
    "functions_end_in_time": [
        puts("AiFunction", "Timeout", value=60),
        common("Timeout", value=30),
    ],
    "functions_log_into_groups_of_their_own": [
        puts("AiFunction", "LoggingConfig", "LogGroup", value=Intrinsic("Ref", "AdminLogs")),
        drops("AiFunction", "LoggingConfig", "LogGroup"),
        drops("AiLogs", "RetentionInDays"),
        common("LoggingConfig", "LogFormat", value="Text"),
    ],
    "what_is_kept_survives_the_stack": [
        attribute("Table", "DeletionPolicy", "Delete"),
        attribute("Secret", "UpdateReplacePolicy", "Delete"),
        attribute("UsageLogQueue", "DeletionPolicy", "Delete"),
        attribute("AiLogs", "DeletionPolicy", "Delete"),
        adds("Other", "AWS::DynamoDB::Table", BillingMode="PAY_PER_REQUEST"),
    ],
    "the_table_survives_mistakes": [
        puts("Table", "DeletionProtectionEnabled", value=False),
        drops("Table", "PointInTimeRecoverySpecification"),
        puts("Table", "BillingMode", value="PROVISIONED"),
    ],
    "everything_is_encrypted": [
        puts("Table", "SSESpecification", value={"SSEEnabled": False}),
        puts("FeedbackQueue", "SqsManagedSseEnabled", value=False),
        drops("UsageLogQueue", "KmsMasterKeyId"),
        drops("AiLogs", "KmsKeyId"),
        drops("Secret", "KmsKeyId"),
        drops("AlarmTopic", "KmsMasterKeyId"),
        common("KmsKeyArn"),
    ],
    "a_change_is_a_new_version": [
        common("AutoPublishAlias"),
        drops("AiFunction", "AutoPublishAliasAllProperties"),
        drops("GreenroomLayer", "PublishLambdaVersion"),
    ],
    "only_latency_critical_functions_are_kept_warm": [
        drops("WebrtcExchangeFunction", "SnapStart"),
        puts("RealtimeSessionFunction", "SnapStart", "ApplyOn", value="PublishedVersions"),
        puts("AiFunction", "SnapStart", value={"ApplyOn": "PublishedVersions"}),
        puts(
            "RealtimeSessionFunction",
            "ProvisionedConcurrencyConfig",
            value={"ProvisionedConcurrentExecutions": 9},
        ),
    ],
    "the_stack_has_room": [crowded],
    "a_queue_puts_aside_what_fails": [
        drops("FeedbackQueue", "RedrivePolicy"),
        puts("UsageLogQueue", "RedrivePolicy", "maxReceiveCount", value=1),
    ],
    "a_queue_takes_dead_letters_of_its_source_alone": [
        drops("ScheduleDeadLetterQueue", "RedriveAllowPolicy"),
        puts(
            "FeedbackDeadLetterQueue", "RedriveAllowPolicy", value={"redrivePermission": "allowAll"}
        ),
        puts("UsageLogDeadLetterQueue", "RedriveAllowPolicy", value=DENIED),
        puts("FeedbackQueue", "QueueName", value=Intrinsic("Sub", "${AWS::StackName}-Other")),
    ],
    "dead_letters_are_kept_for_two_weeks": [
        puts("FeedbackDeadLetterQueue", "MessageRetentionPeriod", value=345_600),
    ],
    "a_message_is_hidden_for_six_timeouts": [
        puts("FeedbackQueue", "VisibilityTimeout", value=719),
        puts("FeedbackFunction", "Timeout", value=121),
        puts("FeedbackFunction", *POLL, "MaximumBatchingWindowInSeconds", value=10),
    ],
    "a_batch_answers_in_part": [
        drops("FeedbackFunction", *POLL, "FunctionResponseTypes"),
        drops("FeedbackFunction", *POLL, "ScalingConfig"),
    ],
    "an_event_that_nobody_waits_for_is_not_lost": [
        drops("SweeperFunction", "EventInvokeConfig"),
        drops("SweeperFunction", *SCHEDULE, "DeadLetterConfig"),
        drops("FeedbackFunction", *SCHEDULE, "RetryPolicy"),
        puts(
            "AiFunction",
            "Events",
            "Rule",
            value={"Type": "EventBridgeRule", "Properties": {"Pattern": {}}},
        ),
    ],
    "dead_letters_are_told": [
        puts("ScheduleDeadLettersAlarm", "Threshold", value=10),
        puts("FeedbackDeadLettersAlarm", "MetricName", value="NumberOfMessagesSent"),
    ],
    "alarms_reach_somebody": [
        drops("ServerErrorsAlarm", "AlarmActions"),
        puts("TableErrorsAlarm", "TreatMissingData", value="breaching"),
        adds(
            "Silent", ALARM, AlarmDescription="Nobody hears this", TreatMissingData="notBreaching"
        ),
    ],
    "a_new_version_that_fails_is_taken_back": [
        drops("AiFunction", "DeploymentPreference", "Alarms"),
        puts(
            "AiFunction",
            "DeploymentPreference",
            "Alarms",
            value=[Intrinsic("Ref", "AdminFunctionErrorsAlarm")],
        ),
        puts("AiFunctionErrorsAlarm", "Metrics", value=[]),
        common("DeploymentPreference", "Type", value="AllAtOnce"),
    ],
    "production_moves_step_by_step": [
        parameter("DeploymentType", "Default", "AllAtOnce"),
        parameter("DeploymentsByCodeDeploy", "Default", "false"),
    ],
}
